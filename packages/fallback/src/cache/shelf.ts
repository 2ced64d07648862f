/**
 * What a cache has in one place (a request, or the process): answers, bounded, and the runs that will bring some. A run
 * is no answer yet: it takes no room, and nothing that happens to answers disturbs it.
 */
import { LRUCache } from 'lru-cache'
import type { CallEnd, KeyId, MonotonicMs, SharedRun } from '@breakwater/kernel'
import type { SharedCall } from '../shared-call.js'

/** A kept answer, and when it came. */
export interface Kept {
  readonly end: CallEnd
  readonly at: MonotonicMs
}

/** A run under way. */
interface Flight {
  readonly call: SharedCall
  readonly end: Promise<CallEnd>
  readonly run: SharedRun
}

export class Shelf {
  readonly flights: Map<KeyId, Flight> = new Map<KeyId, Flight>()
  readonly answers: LRUCache<KeyId, Kept>

  constructor(max: number) {
    // A bound on the sum of sizes, because one on their number takes all of the memory in advance.
    this.answers = new LRUCache<KeyId, Kept>({ maxSize: max, sizeCalculation: () => 1 })
  }

  /** What is under way ends for its callers, but is not kept. */
  forget(id: KeyId | undefined): void {
    if (id === undefined) return
    this.flights.delete(id)
    this.answers.delete(id)
  }

  forgetAll(): void {
    this.flights.clear()
    this.answers.clear()
  }
}
