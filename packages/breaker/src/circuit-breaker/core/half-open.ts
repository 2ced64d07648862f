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

export class HalfOpen {
  private readonly slots: LeasedSlots
  private succeeded = 0

  constructor(private ownRules: TrialRules) {
    this.slots = new LeasedSlots(ownRules)
  }

  /** They may be replaced at any time; a lease that was given keeps its time. */
  set rules(rules: TrialRules) {
    this.ownRules = this.slots.rules = rules
  }

  /** Takes a slot for `lease`; `false` when all are taken. */
  admit(lease: Lease, now: number): boolean {
    if (!this.slots.take(lease, now)) return false
    lease.role = 'probe'
    return true
  }

  /** Ends the lease; `false` when it had no say any more. */
  giveBack(lease: Lease, now: number): boolean {
    return this.slots.giveBack(lease, now)
  }

  /** Counts a trial that went well; answers whether that is enough to close. */
  success(): boolean {
    this.succeeded++
    return this.succeeded >= this.ownRules.closeAfter
  }

  /** Milliseconds until a slot is free at the latest; 0 when one is. */
  waitMs(now: number): number {
    return this.slots.waitMs(now)
  }
}
