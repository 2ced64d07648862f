/** How the calls of a balancer ended, over all instances that ever were. Only ever grows. */
import type { OutcomeKind } from '@breakwater/kernel'

export class CallCounts {
  begun = 0
  /** Nobody could be called. */
  refused = 0
  private ends = 0
  private readonly counts: Record<OutcomeKind, number> = {
    success: 0,
    failure: 0,
    timeout: 0,
    rejected: 0,
    cancelled: 0,
    ignored: 0,
  }

  get inFlight(): number {
    return this.begun - this.ends
  }

  ended(kind: OutcomeKind): void {
    this.ends++
    this.counts[kind]++
  }

  describe(): Readonly<Record<OutcomeKind | 'no_instance', number>> {
    return { ...this.counts, no_instance: this.refused }
  }
}
