// What happens when: the faults and the events of the registry in one run, spread over the seconds it has.

import type { Behaviour } from './messages.ts'
import type { CommandName } from './tally.ts'

/**
 * What can be wrong with an upstream, with both of its instances at once. `killed` ones are started again on their ports
 * when the fault ends.
 */
export type FaultKind = Exclude<Behaviour, 'healthy'> | 'killed'

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

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Whose second instance goes out of service, and whose is lost. Neither has another fault meanwhile. */
export const WITHDRAWN: CommandName = 'GetOrders'
export const LOST: CommandName = 'GetPrices'

/** Faults in shares of the whole run. The gaps let one recover while the next goes down; the end is for recovery. */
const FAULTS: readonly (readonly [CommandName, FaultKind, number, number])[] = [
  ['GetPrices', 'failing', 0.22, 0.34],
  ['GetUser', 'slow', 0.4, 0.52],
  ['GetOrders', 'frozen', 0.56, 0.67],
  ['GetUser', 'killed', 0.71, 0.79],
]

/**
 * Events beside them. The registry comes first, when everything else is well; who is lost has the longest time, because
 * a lease has to run out.
 */
const EVENTS: readonly (readonly [EventKind, number, number])[] = [
  ['registry-restart', 0.08, 0.21],
  ['out-of-service', 0.22, 0.44],
  ['lost', 0.48, 0.88],
]

/** The faults of a run of so many seconds, in order. */
export function planFaults(seconds: number): readonly PlannedFault[] {
  return FAULTS.map(([command, kind, from, to]) => ({ command, kind, ...span(seconds, from, to) }))
}

/** The events of a run of so many seconds, in the order in which they begin. */
export function planEvents(seconds: number): readonly PlannedEvent[] {
  return EVENTS.map(([kind, from, to]) => ({ kind, ...span(seconds, from, to) }))
}

function span(seconds: number, from: number, to: number): Span {
  return { fromMs: Math.round(from * seconds * 1000), toMs: Math.round(to * seconds * 1000) }
}
