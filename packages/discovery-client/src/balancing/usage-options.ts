/** The options that say which instances a balancer uses at all, and for which part of the traffic: their shapes, defaults and check. */
import { reportInternalError } from '@breakwater/kernel'
import type { OptionReader } from '@breakwater/kernel'
import type { Instance } from '../instance.js'
import { hashText } from './core/hash.js'
import type { Host } from './core/host.js'
import type { OwnZone } from './core/own-zone.js'
import type { Probation } from './core/probation.js'
import type { Route } from './core/route.js'
import type { SlowStart } from './core/slow-start.js'
import type { Seat, Subset } from './core/subset.js'
import type { Priority } from './plan.js'

/** Which instances are meant: those with all of these metadata, or those that the function says yes to. */
export type InstanceMatch = Readonly<Record<string, string>> | ((instance: Instance) => boolean)

/** When calls stay in their own zone. One in which nobody weighs anything is for when there is no other. */
export interface ZoneOptions {
  /** The name of the zone, as instances have it. */
  readonly own: string
  /** Leave the zone while fewer instances of it are in service. From 1. Default 2. */
  readonly minAvailable?: number | undefined
  /** Leave the zone while so many of its instances, in percent, are ejected or rest after failures. From 1 to 100. Default 80. */
  readonly maxRestingPercent?: number | undefined
  /**
   * The clients of the service, by zone: how many there are, or the name of the service in the same source that they are instances of. With them,
   * a zone with fewer instances than its clients need keeps as many calls as it has room for, and the rest goes where there is room (Envoy's
   * zone-aware routing). Default: not known; the own zone takes all calls.
   */
  readonly clients?: string | Readonly<Record<string, number>> | undefined
  /** Divide calls by `clients` only among so many instances in service or more. From 1. Default 6. */
  readonly minInstances?: number | undefined
}

/** How instances warm up: by `(time up ÷ windowMs) ^ (1 ÷ aggression)` of their share. */
export interface SlowStartOptions {
  /** How long, in milliseconds. From 1. Default 30 000. */
  readonly windowMs?: number | undefined
  /** 1: evenly; more: faster at the beginning. From 0.1 to 100. Default 1. */
  readonly aggression?: number | undefined
  /** The least part of the share, in percent. From 1 to 100. Default 10. */
  readonly minPercent?: number | undefined
}

/** Levels of which the next one is used when the one before has too few instances in service. */
export interface PriorityOptions {
  /** The level of an instance, lowest first; those without one come last. Default: the number in `metadata.priority`. */
  readonly of?: ((instance: Instance) => number | undefined) | undefined
  /** A level can take so much more than its share of the load, in percent: with 140 it spills below 71 % in service. From 100 to 1 000. Default 140. */
  readonly overprovisioningPercent?: number | undefined
}

/** Use a few of many instances, the same ones for as long as they are there. */
export interface SubsetOptions {
  /** How many. From 1. */
  readonly size: number
  /** What tells this client from the others, such as its instance id. Default: drawn by chance. */
  readonly clientId?: string | undefined
  /**
   * This client's place among all clients, from 0, or the name of the service in the same source that they are instances of, with the client's
   * own instance id as `clientId`. Then the instances are shared out evenly. Default: not known; each client chooses by hashes.
   */
  readonly peers?: string | { readonly index: number; readonly count: number } | undefined
}

/** Sends a part of the traffic to the instances that match, and the rest to the others. */
export interface RouteOptions {
  readonly match: InstanceMatch
  /** How much of the traffic, in percent. From 0 to 100. */
  readonly sharePercent: number
}

/** Keep instances that vanish with many others, because the registry may be sick. */
export interface ProbationOptions {
  /** When more than this part of the instances is missing in a new list, in percent. From 0 to 100. Default 50. */
  readonly shrinkPercent?: number | undefined
  /** For so long, in milliseconds, or until they fail. From 1. Default 60 000. */
  readonly keepMs?: number | undefined
  /** Only those that have answered within this time, in milliseconds. From 1. Default 30 000. */
  readonly answeredWithinMs?: number | undefined
}

const PERCENT = { min: 0, max: 100 } as const
const PRIORITY = /^\d{1,9}$/

export function readZone(
  read: OptionReader<'zone'>,
): (OwnZone & { readonly clients: string | ReadonlyMap<string, number> | undefined }) | undefined {
  if (!read.has('zone')) return undefined
  const zone = read.nested('zone', ['own', 'minAvailable', 'maxRestingPercent', 'clients', 'minInstances'])
  const own = zone.string('own', '', { minLength: 1 })
  if (!zone.has('own')) zone.issue('own', undefined, 'the name of a zone')
  const clients = zone.custom<string | Record<string, number>, undefined>(
    'clients',
    undefined,
    clientsProblem,
  )
  return {
    own,
    minAvailable: zone.integer('minAvailable', 2, { min: 1 }),
    maxRestingPercent: zone.number('maxRestingPercent', 80, { min: 1, max: 100 }),
    minHosts: zone.integer('minInstances', 6, { min: 1 }),
    clients: typeof clients === 'object' ? new Map(Object.entries(clients)) : clients,
  }
}

export function readSlowStart(read: OptionReader<'slowStart'>): SlowStart | undefined {
  if (!read.has('slowStart')) return undefined
  const slowStart = read.nested('slowStart', ['windowMs', 'aggression', 'minPercent'])
  return {
    windowMs: slowStart.durationMs('windowMs', 30_000, { min: 1 }),
    aggression: slowStart.number('aggression', 1, { min: 0.1, max: 100 }),
    minPercent: slowStart.number('minPercent', 10, { min: 1, max: 100 }),
  }
}

export function readPriority(read: OptionReader<'priority'>): Priority | undefined {
  if (!read.has('priority') || read.value('priority') === false) return undefined
  const priority = read.nested('priority', ['of', 'overprovisioningPercent'])
  const of = priority.fn<(instance: Instance) => number | undefined>('of') ?? metadataPriority
  const percent = priority.number('overprovisioningPercent', 140, { min: 100, max: 1_000 })
  const numberOf = fenced(of, undefined, 'priority of a balancer')
  return {
    of: (host) => {
      const number = numberOf(host)
      return typeof number === 'number' && Number.isFinite(number) ? number : undefined
    },
    overprovisioning: percent / 100,
  }
}

/** `draw` makes a client of those that name none. */
export function readSubset(
  read: OptionReader<'subset'>,
  draw: () => number,
):
  | (Subset & { readonly clientId: string | undefined; readonly peers: string | Seat | undefined })
  | undefined {
  if (!read.has('subset')) return undefined
  const subset = read.nested('subset', ['size', 'clientId', 'peers'])
  const size = subset.integer('size', 1, { min: 1 })
  if (!subset.has('size')) subset.issue('size', undefined, 'how many instances to use')
  const clientId = subset.string('clientId', undefined, { minLength: 1 })
  const peers = readPeers(subset)
  if (typeof peers === 'string' && clientId === undefined) {
    subset.issue('clientId', undefined, 'the id of this client among its peers')
  }
  return { size, clientId, peers, client: clientId === undefined ? draw() : hashText(clientId) }
}

function readPeers(subset: OptionReader<'peers'>): string | Seat | undefined {
  if (typeof subset.value('peers') === 'string') return subset.string('peers', undefined, { minLength: 1 })
  if (!subset.has('peers')) return undefined
  const peers = subset.nested('peers', ['index', 'count'])
  const count = peers.integer('count', 1, { min: 1 })
  for (const key of ['index', 'count'] as const) {
    if (!peers.has(key)) peers.issue(key, undefined, 'a whole number')
  }
  return { count, index: peers.integer('index', 0, { min: 0, max: count - 1 }) }
}

export function readFilter(read: OptionReader<'filter'>): ((host: Host) => boolean) | undefined {
  const match = read.custom<InstanceMatch, undefined>('filter', undefined, matchProblem)
  // What cannot be told does not take instances away.
  return match === undefined ? undefined : matcher(match, true, 'filter of a balancer')
}

export function readRoute(read: OptionReader<'route'>): Route | undefined {
  if (!read.has('route')) return undefined
  const route = read.nested('route', ['match', 'sharePercent'])
  const match = route.custom<InstanceMatch, InstanceMatch>('match', {}, matchProblem)
  if (!route.has('match')) route.issue('match', undefined, 'metadata, or a function of an instance')
  const sharePercent = route.number('sharePercent', 0, PERCENT)
  if (!route.has('sharePercent')) route.issue('sharePercent', undefined, 'a number from 0 to 100')
  return { matches: matcher(match, false, 'route of a balancer'), sharePercent }
}

export function readProbation(read: OptionReader<'probation'>): Probation | undefined {
  if (!read.has('probation') || read.value('probation') === false) return undefined
  const probation = read.nested('probation', ['shrinkPercent', 'keepMs', 'answeredWithinMs'])
  return {
    shrinkPercent: probation.number('shrinkPercent', 50, PERCENT),
    keepMs: probation.durationMs('keepMs', 60_000, { min: 1 }),
    answeredWithinMs: probation.durationMs('answeredWithinMs', 30_000, { min: 1 }),
  }
}

function metadataPriority({ metadata }: Instance): number | undefined {
  const text = metadata['priority']
  return text !== undefined && PRIORITY.test(text) ? Number(text) : undefined
}

function matcher(match: InstanceMatch, fallback: boolean, where: string): (host: Host) => boolean {
  if (typeof match === 'function') {
    const ask = fenced(match, fallback, where)
    return (host) => Boolean(ask(host))
  }
  const wanted = Object.entries(match)
  return ({ instance }) => wanted.every(([key, value]) => instance.metadata[key] === value)
}

/** A user's question about an instance, which answers `fallback` when it throws. */
function fenced<T>(ask: (instance: Instance) => T, fallback: T, where: string): (host: Host) => T {
  return ({ instance }) => {
    try {
      return ask(instance)
    } catch (error) {
      reportInternalError(error, where)
      return fallback
    }
  }
}

function matchProblem(value: unknown): string | undefined {
  if (typeof value === 'function') return undefined
  const texts: unknown[] = typeof value === 'object' && value !== null ? Object.values(value) : []
  const isGood = texts.length > 0 && texts.every((text) => typeof text === 'string')
  return isGood ? undefined : 'metadata with values that are strings, or a function of an instance'
}

function clientsProblem(value: unknown): string | undefined {
  if (typeof value === 'string' && value.length > 0) return undefined
  const counts: unknown[] = typeof value === 'object' && value !== null ? Object.values(value) : []
  const isGood =
    counts.length > 0 && counts.every((count) => typeof count === 'number' && count >= 0 && count < Infinity)
  return isGood ? undefined : 'the name of a service, or numbers of clients by zone'
}
