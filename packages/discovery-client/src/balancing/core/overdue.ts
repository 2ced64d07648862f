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

  /** A period has gone by: answers the hosts that have more overdue calls than before. */
  roll(hosts: Iterable<Host>, now: number): readonly Host[] {
    this.startedBefore = this.startedAt
    this.startedAt = now
    this.dueAt = now + this.periodMs
    return [...hosts].filter(({ open, inFlight }) => {
      const more = open.older
      open.overdue += more
      open.older = inFlight - open.overdue
      return more > 0
    })
  }
}
