/**
 * Finds picks that nobody ever calls `done` for, without a record of each: calls under way are counted by the period in which they began, and
 * those that have seen a whole period go by are overdue. Ribbon sets the count of calls in flight back to 0 after ten minutes instead, which hides
 * the leak and lets true calls count below zero.
 */
import type { Host } from './host.js'

export class OverdueWatch {
  /** When the running period ends. */
  dueAt: number
  private readonly periodMs: number
  private startedAt: number
  private startedBefore: number = -Infinity

  constructor(periodMs: number, now: number) {
    this.periodMs = periodMs
    this.startedAt = now
    this.dueAt = now + periodMs
  }

  /** A call that began at this time has ended. */
  ended({ open }: Host, beganAt: number): void {
    if (beganAt >= this.startedAt) return
    if (beganAt >= this.startedBefore) open.older--
    else open.overdue--
  }

  /** Ends the periods that are over; answers the hosts that have more overdue calls than before. To be asked before a call begins. */
  roll(hosts: readonly Host[], now: number): readonly Host[] {
    const found = new Set<Host>()
    while (now >= this.dueAt) {
      this.startedBefore = this.startedAt
      // No call has begun since this was due, so of many periods the last one stands for all.
      this.startedAt = Math.max(this.dueAt, now - this.periodMs)
      this.dueAt = this.startedAt + this.periodMs
      for (const host of hosts) {
        const { open, inFlight } = host
        if (open.older > 0) found.add(host)
        open.overdue += open.older
        open.older = inFlight - open.overdue
      }
    }
    return [...found]
  }
}
