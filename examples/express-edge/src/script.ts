// What happens when: the faults and the events of the registry in one run, spread over the seconds it has.

import type { Behaviour } from './messages.ts'
import type { CommandName } from './tally.ts'

/**
 * What can be wrong with an upstream, with both of its instances at once. `killed` ones are started again on their ports
 * when the fault ends.
 */
export type FaultKind = Exclude<Behaviour, 'healthy' | 'sluggish'> | 'killed'

/** One fault of the script, in milliseconds since the load began. */
export interface PlannedFault extends Span {
  readonly command: CommandName
  readonly kind: FaultKind
}

/**
 * What happens to the registry, or to the second instance of an upstream: the registry goes away and comes back empty;
 * the instance says that it is out of service; it is killed, and started again when the event ends.
 */
export type EventKind = 'registry-restart' | 'out-of-service' | 'lost'

export interface PlannedEvent extends Span {
  readonly kind: EventKind
}

/**
 * What is wrong with single instances, while others of the same upstream are well: one is slow, one answers with errors at once,
 * or nobody in a zone answers any more, though the registry goes on to show them as up.
 */
export type TroubleKind = 'slow-instance' | 'failing-instance' | 'lost-zone'

export interface PlannedTrouble extends Span {
  readonly kind: TroubleKind
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Whose second instance goes out of service, and whose is lost. Neither has another fault meanwhile. */
export const WITHDRAWN: CommandName = 'orders'
export const LOST: CommandName = 'prices'
/** Whose second instance becomes slow, and whose fails. */
export const SLOW: CommandName = 'users'
export const FAILING: CommandName = 'orders'
/** The zone of all first instances. */
export const LOST_ZONE = 'a'

/** Faults in shares of the whole run. The gaps let one recover while the next goes down; the end is for recovery. */
const FAULTS: readonly (readonly [CommandName, FaultKind, number, number])[] = [
  ['users', 'slow', 0.36, 0.45],
  // Early, because on a busy machine it takes long to start them again.
  ['users', 'killed', 0.495, 0.54],
  ['prices', 'failing', 0.66, 0.745],
  ['orders', 'frozen', 0.765, 0.84],
]

/**
 * Events beside them. The registry comes first, when nothing fails yet; who is lost has the longest time, because a lease
 * has to run out.
 */
const EVENTS: readonly (readonly [EventKind, number, number])[] = [
  ['registry-restart', 0.06, 0.155],
  ['out-of-service', 0.33, 0.49],
  ['lost', 0.32, 0.605],
]

/** Troubles of single instances, in the gaps of their upstreams. The slow one loses no call, so the registry may be away meanwhile. */
const TROUBLES: readonly (readonly [TroubleKind, number, number])[] = [
  ['slow-instance', 0.075, 0.185],
  ['lost-zone', 0.21, 0.305],
  ['failing-instance', 0.56, 0.66],
]

/** The faults of a run of so many seconds, in order. */
export function planFaults(seconds: number): readonly PlannedFault[] {
  return FAULTS.map(([command, kind, from, to]) => ({ command, kind, ...span(seconds, from, to) }))
}

/** The events of a run of so many seconds, in the order in which they begin. */
export function planEvents(seconds: number): readonly PlannedEvent[] {
  return EVENTS.map(([kind, from, to]) => ({ kind, ...span(seconds, from, to) }))
}

/** The troubles of a run of so many seconds, in order. */
export function planTroubles(seconds: number): readonly PlannedTrouble[] {
  return TROUBLES.map(([kind, from, to]) => ({ kind, ...span(seconds, from, to) }))
}

function span(seconds: number, from: number, to: number): Span {
  return { fromMs: Math.round(from * seconds * 1000), toMs: Math.round(to * seconds * 1000) }
}
