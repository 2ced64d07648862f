// What is seen in one run, as data.

import type { StateChange } from './messages.ts'
import type { CommandNumbers } from './observations.ts'
import type { Picture } from './pictures.ts'
import type { EventKind, FaultKind } from './script.ts'
import type { CommandName, Tally } from './tally.ts'

/** A fault as it happened; Unix times. */
export interface Fault {
  readonly command: CommandName
  readonly kind: FaultKind
  readonly from: number
  readonly to: number
}

/** An event as it happened; Unix times. */
export interface RegistryEvent {
  readonly kind: EventKind
  readonly from: number
  readonly to: number
}

/** What was seen of the registry, and of what was made of it. */
export interface RegistryEvidence {
  /** Whether it was started for the run; one that was given is not restarted. */
  readonly isOurs: boolean
  /** The ids of the instances by command, as they were registered. */
  readonly instances: Readonly<Record<CommandName, readonly string[]>>
  readonly events: readonly RegistryEvent[]
  readonly pictures: readonly Picture[]
  /** When it was back, empty; Unix time. */
  readonly emptyAt: number | undefined
  /** When somebody knocked at the door of the lost instance after it had been evicted; Unix times. */
  readonly knocks: readonly number[]
  /** Who was still registered after all had been asked to end. */
  readonly leftBehind: readonly string[]
}

/** The longest stall of an event loop in the second or so before `at`, Unix time. */
export interface Stall {
  readonly at: number
  readonly maxMs: number
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
  readonly registry: RegistryEvidence
  /** When the load ended; Unix time. */
  readonly endedAt: number
  readonly incidents: readonly string[]
  readonly exits: readonly Exit[]
  /** What each process said about its event loop, oldest first. */
  readonly stalls: ReadonlyMap<string, readonly Stall[]>
}
