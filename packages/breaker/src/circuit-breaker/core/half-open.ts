/**
 * The trials of a half-open breaker. Each slot is leased: it returns when the trial ends, when it is given back, and
 * when its time is over, so a trial that never ends cannot keep the breaker from trying again.
 */
import type { Lease } from './lease.js'

export class HalfOpen {
  private leases: Lease[] = []
  private succeeded = 0

  constructor(
    private readonly limit: number,
    private readonly leaseMs: number,
    private readonly closeAfter: number,
  ) {}

  /** Takes a slot for `lease`; `false` when all are taken. */
  admit(lease: Lease, now: number): boolean {
    if (this.leases.length >= this.limit) this.expire(now)
    if (this.leases.length >= this.limit) return false
    lease.role = 'probe'
    lease.expiresAt = now + this.leaseMs
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
    return this.succeeded >= this.closeAfter
  }

  /** Milliseconds until a slot is free at the latest. */
  waitMs(now: number): number {
    return Math.max(0, Math.min(...this.leases.map(({ expiresAt }) => expiresAt)) - now)
  }

  private expire(now: number): void {
    for (const lease of this.leases.filter(({ expiresAt }) => expiresAt <= now)) this.drop(lease)
  }

  private drop(lease: Lease): void {
    lease.isLive = false
    this.leases = this.leases.filter((other) => other !== lease)
  }
}
