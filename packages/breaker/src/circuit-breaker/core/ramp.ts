/**
 * The return of traffic after closing: 1, 10, 50, then 100 % of the calls, each step for a third of the ramp. As many
 * calls at once as there were trials always pass, so a ramp is never stricter than the half-open state before it, and
 * low traffic does not notice it.
 */
import type { Lease } from './lease.js'

const STEPS_PERCENT = [1, 10, 50]

export class Ramp {
  private inFlight = 0
  private creditPercent = 0

  /** The duration may be changed at any time. */
  constructor(
    private readonly startedAt: number,
    public durationMs: number,
    private readonly alwaysAdmitted: number,
  ) {}

  isOver(now: number): boolean {
    return now >= this.startedAt + this.durationMs
  }

  /** Admits the call of `lease`, or not yet. */
  admit(lease: Lease, now: number): boolean {
    this.creditPercent = Math.min(100, this.creditPercent + this.stepPercent(now))
    if (this.creditPercent >= 100) this.creditPercent -= 100
    else if (this.inFlight >= this.alwaysAdmitted) return false
    lease.role = 'ramp'
    this.inFlight++
    return true
  }

  ended(lease: Lease): void {
    if (lease.isLive) this.inFlight--
    lease.isLive = false
  }

  /** Milliseconds until the next step; 0 when a call would be admitted now. */
  waitMs(now: number): number {
    const hasRoom = this.inFlight < this.alwaysAdmitted
    if (hasRoom || this.creditPercent + this.stepPercent(now) >= 100) return 0
    const stepMs = this.durationMs / STEPS_PERCENT.length
    return Math.max(0, this.startedAt + (this.step(now) + 1) * stepMs - now)
  }

  private stepPercent(now: number): number {
    return STEPS_PERCENT[this.step(now)] ?? 100
  }

  private step(now: number): number {
    return Math.max(0, Math.floor(((now - this.startedAt) * STEPS_PERCENT.length) / this.durationMs))
  }
}
