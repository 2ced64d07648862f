/**
 * What is asked of Consul about one service, and what the index in its answers means (Consul's documentation of blocking
 * queries: a query that brings the last index is answered when something has changed, or when its time is over).
 */

/** Whose answer will do: `stale` that of any server, `consistent` that of a leader that has just made sure it is one. */
export type ConsulConsistency = 'default' | 'stale' | 'consistent'

export interface ConsulQuery {
  readonly passing: boolean
  readonly datacenter: string | undefined
  readonly tags: readonly string[]
  readonly filter: string | undefined
  readonly consistency: ConsulConsistency
  readonly waitMs: number
}

/** Before the first answer, and whenever the next one must not block. */
export const NO_INDEX = 0

/** Consul answers so much later than asked, at most: its servers spread what they wait. */
const SERVERS_SPREAD = 1 / 16
const MAX_NAME_CHARS = 255
const DOTS = new Set(['.', '..'])
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u

/** Whether this can be the name of a service: names of other kinds would lead elsewhere. */
export function isServiceName(name: string): boolean {
  return name.length > 0 && name.length <= MAX_NAME_CHARS && !DOTS.has(name) && !UNPRINTABLE.test(name)
}

/** The path of a query below the base of the server, with its parameters. It blocks when it has an index. */
export function queryPath(service: string, query: ConsulQuery, index: number): string {
  const { passing, datacenter, tags, filter, consistency, waitMs } = query
  const parameters = new URLSearchParams()
  if (passing) parameters.set('passing', '1')
  if (datacenter !== undefined) parameters.set('dc', datacenter)
  for (const tag of tags) parameters.append('tag', tag)
  if (filter !== undefined) parameters.set('filter', filter)
  if (consistency !== 'default') parameters.set(consistency, '')
  if (index !== NO_INDEX) {
    parameters.set('index', String(index))
    parameters.set('wait', `${String(Math.round(waitMs))}ms`)
  }
  const search = parameters.toString()
  return `v1/health/service/${encodeURIComponent(service)}${search === '' ? '' : `?${search}`}`
}

/** How long the answer to a query may take on the server. */
export function longestAnswerMs(index: number, waitMs: number): number {
  return index === NO_INDEX ? 0 : waitMs * (1 + SERVERS_SPREAD)
}

/**
 * How old an answer already was when it was given, by its headers: servers other than the leader tell when they last heard of it.
 * `undefined` when they know of no leader, so nobody can say.
 */
export function ageOf(knownLeader: string | undefined, lastContact: string | undefined): number | undefined {
  if (knownLeader === 'false') return undefined
  return lastContact !== undefined && /^\d{1,12}$/.test(lastContact) ? Number(lastContact) : 0
}

/** The index for the next query; `undefined` when the answer has none, so it is not Consul's or has been tampered with. */
export function nextIndex(current: number, answered: string | undefined): number | undefined {
  if (answered === undefined || !/^\d{1,20}$/.test(answered)) return undefined
  const index = Number(answered)
  if (!Number.isSafeInteger(index)) return undefined
  // A server that was restored or restarted counts from below: what it knows is asked for anew.
  if (index < current) return NO_INDEX
  // Consul has answered 0 by mistake before, and a query with 0 never blocks.
  return Math.max(1, index)
}
