/** How the calls of a balancer ended, over all instances that ever were. Only ever grows. */
import { OUTCOME_KINDS } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import type { Ending } from './ending.js'

export class CallCounts {
  begun = 0
  /** There was nobody to call. */
  refused = 0
  /** All that there were had as many calls as they may have. */
  full = 0
  private ends = 0
  /** In the order of the kinds. */
  private readonly counts = new Float64Array(OUTCOME_KINDS.length)

  get inFlight(): number {
    return this.begun - this.ends
  }

  ended({ index }: Ending): void {
    this.ends++
    this.counts[index] = (this.counts[index] as number) + 1
  }

  describe(): Readonly<Record<OutcomeKind | 'no_instance' | 'full', number>> {
    const counts = OUTCOME_KINDS.map((kind, index) => [kind, this.counts[index] as number] as const)
    // Each kind is in the list.
    const byKind = Object.fromEntries(counts) as Record<OutcomeKind, number>
    return { ...byKind, no_instance: this.refused, full: this.full }
  }
}
