// What is seen in one run, as data.

import type { StateChange } from './messages.ts'
import type { BalancedNumbers, CallsByInstance } from './instance-numbers.ts'
import type { CommandNumbers } from './observations.ts'
import type { Picture } from './pictures.ts'
import type { EventKind, FaultKind, TroubleKind } from './script.ts'
import type { CommandName, Tally } from './tally.ts'

/** A fault as it happened; Unix times. */
export interface Fault {
  readonly command: CommandName
  readonly kind: FaultKind
  readonly from: number
  readonly to: number
  /** When it began to end, where that takes a while: from then on some of its instances may be well. Absent: at once, at its end. */
  readonly healsFrom?: number
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
  /** How many calls failed at the upstream of the lost instance until it was started again. */
  readonly metDead: number
  /** Who was still registered after all had been asked to end. */
  readonly leftBehind: readonly string[]
}

/** A trouble of single instances as it happened; Unix times. */
export interface Trouble {
  readonly kind: TroubleKind
  /** Who was slow, failing or silent, by command. */
  readonly instances: Readonly<Partial<Record<CommandName, string>>>
  readonly from: number
  readonly to: number
  /** What the balancers had sent to each instance: a while before, when it began, when they must have noticed, and at the end. */
  readonly calls: readonly [
    lead: CallsByInstance,
    from: CallsByInstance,
    noticed: CallsByInstance,
    to: CallsByInstance,
  ]
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
  readonly troubles: readonly Trouble[]
  /** What the balancers counted in the end. */
  readonly balanced: ReadonlyMap<CommandName, BalancedNumbers>
  /** When the load ended; Unix time. */
  readonly endedAt: number
  readonly incidents: readonly string[]
  readonly exits: readonly Exit[]
  /** What each process said about its event loop, oldest first. */
  readonly stalls: ReadonlyMap<string, readonly Stall[]>
}
