/**
 * The trials of a half-open breaker: leased slots, and the successes that they have brought.
 */
import type { Lease } from './lease.js'
import { LeasedSlots } from './leased-slots.js'
import type { SlotRules } from './leased-slots.js'

/** How many trials at once, for how long each, and how many successes close. */
export interface TrialRules extends SlotRules {
  readonly closeAfter: number
}

export class HalfOpen extends LeasedSlots<TrialRules> {
  private succeeded = 0

  /** Takes a slot for the trial of `lease`; `false` when all are taken. */
  admit(lease: Lease, now: number): boolean {
    if (!this.take(lease, now)) return false
    lease.role = 'probe'
    return true
  }

  /** Counts a trial that went well; answers whether that is enough to close. */
  success(): boolean {
    this.succeeded++
    return this.succeeded >= this.rules.closeAfter
  }
}
