/**
 * The trials of a half-open breaker. Each slot is leased: it returns when the trial ends, when it is given back, and
 * when its time is over, so a trial that never ends cannot keep the breaker from trying again.
 */
import type { Lease } from './lease.js'

/** How many trials at once, for how long each, and how many successes close. */
export interface TrialRules {
  readonly probeLimit: number
  readonly leaseMs: number
  /** Whether a lease lasts as long as the call's own time at least, when that is longer than `leaseMs`. */
  readonly leaseFollowsTimeout?: boolean
  readonly closeAfter: number
}

/** A trial that times out is told a moment after its time: its lease must outlive that, or nobody would hear it. */
const VERDICT_MS = 1_000

export class HalfOpen {
  private leases: Lease[] = []
  private succeeded = 0

  /** The rules may be replaced at any time; a lease that was given keeps its time. */
  constructor(public rules: TrialRules) {}

  /** Takes a slot for `lease`; `false` when all are taken. */
  admit(lease: Lease, now: number): boolean {
    const { probeLimit } = this.rules
    if (this.leases.length >= probeLimit) this.expire(now)
    if (this.leases.length >= probeLimit) return false
    lease.role = 'probe'
    lease.expiresAt = now + this.leaseMsFor(lease)
    this.leases.push(lease)
    return true
  }

  /** Ends the lease; `false` when it had no say any more. */
  giveBack(lease: Lease, now: number): boolean {
    if (lease.isLive && lease.expiresAt <= now) this.expire(now)
    if (!lease.isLive) return false
    this.drop(lease)
    return true
  }

  /** Counts a trial that went well; answers whether that is enough to close. */
  success(): boolean {
    this.succeeded++
    return this.succeeded >= this.rules.closeAfter
  }

  /** Milliseconds until a slot is free at the latest; 0 when one is. */
  waitMs(now: number): number {
    const ends = this.leases.map(({ expiresAt }) => expiresAt).sort((a, b) => a - b)
    const freeAt = ends[ends.length - this.rules.probeLimit]
    return freeAt === undefined ? 0 : Math.max(0, freeAt - now)
  }

  private leaseMsFor({ timeoutMs }: Lease): number {
    const { leaseMs, leaseFollowsTimeout = false } = this.rules
    if (timeoutMs === undefined || (timeoutMs > leaseMs && !leaseFollowsTimeout)) return leaseMs
    return Math.max(leaseMs, timeoutMs + VERDICT_MS)
  }

  private expire(now: number): void {
    for (const lease of this.leases.filter(({ expiresAt }) => expiresAt <= now)) this.drop(lease)
  }

  private drop(lease: Lease): void {
    lease.isLive = false
    this.leases = this.leases.filter((other) => other !== lease)
  }
}
