/** What the answers of name servers say about instances. */
import { readHost } from '../../eureka/core/wire/host.js'
import type { Instance } from '../../instance.js'
import { instanceOf } from './read-instances.js'

/** A record of type SRV (RFC 2782). */
export interface SrvRecord {
  readonly name: string
  readonly port: number
  readonly priority: number
  readonly weight: number
}

/** A record of type A, with its time to live in seconds. */
export interface ARecord {
  readonly address: string
  readonly ttl: number
}

const MAX_PORT = 65_535

/**
 * The targets of the lowest priority number that has any: RFC 2782 allows the others only when none of these can be reached. A target of `.` says
 * that there is no such service; what is no host name is left out, as are repetitions.
 */
export function instancesOfSrv(records: readonly SrvRecord[], secure: boolean): readonly Instance[] {
  const usable = records.flatMap((record) => {
    const host = readHost(record.name.replace(/\.$/, ''))
    return host === undefined || !isPort(record.port) ? [] : [{ ...record, host }]
  })
  const first = usable.reduce((least, { priority }) => Math.min(least, priority), Infinity)
  const best = usable.filter(({ priority }) => priority === first)
  return unique(
    best.map(({ host, port, weight }) => instanceOf({ host, port, secure, weight: Math.max(0, weight) })),
  )
}

/** The addresses, each with the given port. */
export function instancesOfA(
  records: readonly ARecord[],
  port: number,
  secure: boolean,
): readonly Instance[] {
  return unique(
    records.flatMap(({ address }) => {
      const host = readHost(address)
      return host === undefined ? [] : [instanceOf({ host, port, secure })]
    }),
  )
}

/** The shortest time to live, in milliseconds; `Infinity` where none is told. */
export function timeToLiveMs(records: readonly ARecord[]): number {
  const told = records.filter(({ ttl }) => Number.isFinite(ttl))
  return told.reduce((least, { ttl }) => Math.min(least, ttl), Infinity) * 1_000
}

/** In a fixed order: name servers turn theirs with each answer, which is no change. */
function unique(instances: readonly Instance[]): readonly Instance[] {
  const byId = new Map(instances.map((instance) => [instance.id, instance]))
  return [...byId.values()].sort((one, other) => (one.id < other.id ? -1 : 1))
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT
}
