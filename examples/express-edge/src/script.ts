// What happens when: the faults of one run, spread over the seconds it has.

import type { Behaviour } from './messages.ts'
import type { CommandName } from './tally.ts'

/** What can be wrong with an upstream. A `killed` one is started again on its port when the fault ends. */
export type FaultKind = Exclude<Behaviour, 'healthy'> | 'killed'

/** One fault of the script, in milliseconds since the load began. */
export interface PlannedFault {
  readonly command: CommandName
  readonly kind: FaultKind
  readonly fromMs: number
  readonly toMs: number
}

/** Faults in shares of the whole run. The gaps let one recover while the next goes down; the end is for recovery. */
const SHARES: readonly (readonly [CommandName, FaultKind, number, number])[] = [
  ['GetUser', 'slow', 0.1, 0.26],
  ['GetPrices', 'failing', 0.3, 0.44],
  ['GetOrders', 'frozen', 0.48, 0.6],
  ['GetUser', 'killed', 0.64, 0.78],
]

/** The faults of a run of so many seconds, in order. */
export function planFaults(seconds: number): readonly PlannedFault[] {
  return SHARES.map(([command, kind, from, to]) => ({
    command,
    kind,
    fromMs: Math.round(from * seconds * 1000),
    toMs: Math.round(to * seconds * 1000),
  }))
}
