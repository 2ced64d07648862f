/**
 * What slots are told: their number, and who may wait for one or has a share of them.
 */
import type {
  BulkheadFullError,
  BulkheadFullReason,
  Call,
  Clock,
  QueueOrder,
  SlotSeeker,
} from '@breakwater/kernel'

/** Where calls wait for a slot. */
export interface SlotQueueOptions {
  /** Calls that may wait, 0 to 1 000 000. Default 0. */
  readonly limit?: number | undefined
  /** How long one may wait, in milliseconds. Default: as long as its deadline allows. */
  readonly maxWaitMs?: number | undefined
  /** Who goes first among equals: who waits longest, or who came last (for overload). Default `fifo`. */
  readonly order?: QueueOrder | undefined
}

/** How many slots, and who may wait for one. */
export interface SlotRules {
  readonly limit: number
  readonly queueLimit: number
  readonly maxWaitMs: number
  readonly order: QueueOrder
  readonly priority: ((call: Call) => number) | undefined
  readonly releaseOnTimeout: boolean
  readonly name: string | undefined
  readonly clock: Clock
}

/** What a bulkhead tells its listeners. */
export interface BulkheadEvents {
  /** A call was refused. */
  rejected: { readonly error: BulkheadFullError; readonly reason: BulkheadFullReason }
  /** A call began to wait; `size` wait now. */
  queued: { readonly size: number }
}

/** Who holds slots of which share of the limit. A holder is a call that seeks a slot, or whoever else was introduced. */
export interface SlotShares {
  /** Learns which share a call wants; asks foreign code. */
  ask(seeker: SlotSeeker): void
  hasRoom(holder: object): boolean
  take(holder: object): void
  release(holder: object): void
  /** The limit of all together. */
  resize(limit: number): void
}
