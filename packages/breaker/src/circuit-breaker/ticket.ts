/**
 * The lease of one admitted call, standing in the line of those who may become slow.
 */
import { timelineOf } from '@breakwater/kernel'
import type { Clock, OutcomeKind, Waiting } from '@breakwater/kernel'
import type { Lease } from './core/lease.js'

/** Who wants to know of calls that became slow. A function in its place would be one more object for each call. */
interface SlowWatcher {
  becameSlow(ticket: Ticket): void
}

export class Ticket implements Lease, Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  role: Lease['role'] = 'ordinary'
  expiresAt = 0
  isLive = true
  isCountedSlow = false
  isHeard = false
  generation = 0
  timeoutMs: number | undefined = undefined
  /** How long the call took, where that was measured exactly. */
  measuredMs: number | undefined = undefined

  constructor(
    readonly admittedAt: number,
    private readonly watcher: SlowWatcher,
    readonly outlivesRefusal: boolean = false,
  ) {}

  /** Expires when it is still there in so many milliseconds. */
  becomesSlowIn(ms: number, now: number, clock: Clock): void {
    timelineOf(clock).line(ms).join(this, now)
  }

  expire(): void {
    this.watcher.becameSlow(this)
  }
}

/** Whether the call of `ticket`, which ends now, took longer than `slowerThanMs`. */
export function wasSlow(
  ticket: Ticket | null,
  kind: OutcomeKind,
  now: number,
  slowerThanMs: number | undefined,
): boolean {
  if (ticket === null || slowerThanMs === undefined) return false
  const { admittedAt, measuredMs } = ticket
  // By when they end: what has passed is rounded, so equal times would not be equal.
  const slowFrom = admittedAt + slowerThanMs
  if (measuredMs !== undefined) return admittedAt + measuredMs > slowFrom
  // All others were seen by the line of the slow, which forgives a stalled loop.
  return kind === 'timeout' && now >= slowFrom
}
