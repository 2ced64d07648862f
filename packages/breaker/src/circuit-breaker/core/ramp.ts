/**
 * The return of traffic after closing: 1, 10, 50, then 100 % of the calls, each step for a third of the ramp. As many
 * calls at once as there were trials always pass, on leases as theirs, so a ramp is never stricter than the half-open
 * state before it, and low traffic does not notice it.
 */
import type { Lease } from './lease.js'
import { LeasedSlots } from './leased-slots.js'
import type { SlotRules } from './leased-slots.js'

const STEPS_PERCENT = [1, 10, 50]

/** How long it takes, and how many calls always pass meanwhile, for how long each. */
export interface RampRules extends SlotRules {
  readonly rampMs: number
}

export class Ramp {
  private readonly slots: LeasedSlots
  private creditPercent = 0

  constructor(
    private readonly startedAt: number,
    private rules: RampRules,
  ) {
    this.slots = new LeasedSlots(rules)
  }

  /** Other rules from now on; a lease that was given keeps its time. */
  configure(rules: RampRules): void {
    this.rules = this.slots.rules = rules
  }

  isOver(now: number): boolean {
    return now >= this.startedAt + this.rules.rampMs
  }

  /** Admits the call of `lease`, or not yet. */
  admit(lease: Lease, now: number): boolean {
    this.creditPercent = Math.min(100, this.creditPercent + this.stepPercent(now))
    if (this.creditPercent >= 100) this.creditPercent -= 100
    else if (!this.slots.take(lease, now)) return false
    lease.role = 'ramp'
    return true
  }

  /** The call is over, or given back. */
  ended(lease: Lease, now: number): void {
    this.slots.giveBack(lease, now)
  }

  /** Milliseconds until the next step or the next free slot; 0 when a call would be admitted now. */
  waitMs(now: number): number {
    if (this.creditPercent + this.stepPercent(now) >= 100) return 0
    const stepMs = this.rules.rampMs / STEPS_PERCENT.length
    const nextStepMs = this.startedAt + (this.step(now) + 1) * stepMs - now
    return Math.max(0, Math.min(nextStepMs, this.slots.waitMs(now)))
  }

  private stepPercent(now: number): number {
    return STEPS_PERCENT[this.step(now)] ?? 100
  }

  private step(now: number): number {
    return Math.max(0, Math.floor(((now - this.startedAt) * STEPS_PERCENT.length) / this.rules.rampMs))
  }
}
