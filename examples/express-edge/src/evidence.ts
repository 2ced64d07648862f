// What is seen in one run, as data.

import type { StateChange } from './messages.ts'
import type { CommandNumbers } from './observations.ts'
import type { FaultKind } from './script.ts'
import type { CommandName, Tally } from './tally.ts'

/** A fault as it happened; Unix times. */
export interface Fault {
  readonly command: CommandName
  readonly kind: FaultKind
  readonly from: number
  readonly to: number
}

/** How a process ended. */
export interface Exit {
  readonly name: string
  /** `code 0`, `SIGTERM`, … */
  readonly how: string
  /** Whether it ended so because it was asked to. */
  readonly inOrder: boolean
}

/** Everything that was seen in one run. */
export interface Evidence {
  /** Pages that the load generator was told to ask for. */
  readonly planned: number
  readonly tally: Tally
  /** The last page of metrics, by command. */
  readonly metrics: ReadonlyMap<string, CommandNumbers>
  readonly changes: readonly StateChange[]
  readonly faults: readonly Fault[]
  /** When the load ended; Unix time. */
  readonly endedAt: number
  readonly incidents: readonly string[]
  readonly exits: readonly Exit[]
  /** The longest stall of each process's event loop, in milliseconds. */
  readonly stalls: ReadonlyMap<string, number>
}
