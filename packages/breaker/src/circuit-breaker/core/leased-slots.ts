/**
 * Slots that are leased: each returns when its call ends, when it is given back, and when its time is over, so a call
 * that never ends cannot keep others out for ever.
 */
import type { Lease } from './lease.js'

/** For how long a slot is leased. */
export interface LeaseRules {
  readonly leaseMs: number
  /**
   * Whether a lease may last longer than `leaseMs`: as long as the call's own time, and as good calls are seen to take.
   */
  readonly leaseFollowsTimeout?: boolean
}

/** How many slots there are, and for how long each is leased. */
export interface SlotRules extends LeaseRules {
  readonly probeLimit: number
}

/** A call that times out is told a moment after its time: its lease must outlive that, or nobody would hear it. */
const VERDICT_MS = 1_000

/** What a lease gets of the time that a good call took: the next one may take longer. */
const ROOM = 2

/** For how long the slot of this lease is its own. */
function leaseMsOf({ timeoutMs }: Lease, { leaseMs, leaseFollowsTimeout = false }: LeaseRules): number {
  if (timeoutMs === undefined || (timeoutMs > leaseMs && !leaseFollowsTimeout)) return leaseMs
  return Math.max(leaseMs, timeoutMs + VERDICT_MS)
}

export class LeasedSlots<R extends SlotRules = SlotRules> {
  private leases: Lease[] = []
  /** What good calls that outlived their leases would have needed. */
  private neededMs = 0

  /** The rules may be replaced at any time; a lease that was given keeps its time. */
  constructor(public rules: R) {}

  /** Takes a slot for `lease`; `false` when all are taken. */
  take(lease: Lease, now: number): boolean {
    const { probeLimit } = this.rules
    if (this.leases.length >= probeLimit) this.expire(now)
    if (this.leases.length >= probeLimit) return false
    lease.takenAt = now
    // Rules of now may have set what those of before had left open.
    const neededMs = this.rules.leaseFollowsTimeout === true ? this.neededMs : 0
    lease.expiresAt = now + Math.max(neededMs, leaseMsOf(lease, this.rules))
    this.leases.push(lease)
    return true
  }

  /** Ends the lease; `false` when it had no say any more. */
  giveBack(lease: Lease, now: number): boolean {
    if (lease.isLive && lease.expiresAt <= now) this.expire(now)
    if (!this.leases.includes(lease)) return false
    this.drop(lease)
    return true
  }

  /**
   * The call of a lease that is over went well after all. Leases last longer from now on: where every good call takes
   * longer than its lease, none would ever be heard.
   */
  wentWellLate({ takenAt = Infinity }: Lease, now: number): void {
    if (this.rules.leaseFollowsTimeout !== true) return
    this.neededMs = Math.max(this.neededMs, ROOM * (now - takenAt))
  }

  /** Milliseconds until a slot is free at the latest; 0 when one is. */
  waitMs(now: number): number {
    const ends = this.leases.map(({ expiresAt }) => expiresAt).sort((a, b) => a - b)
    const freeAt = ends[ends.length - this.rules.probeLimit]
    return freeAt === undefined ? 0 : Math.max(0, freeAt - now)
  }

  private expire(now: number): void {
    for (const lease of this.leases.filter(({ expiresAt }) => expiresAt <= now)) this.drop(lease)
  }

  private drop(lease: Lease): void {
    lease.isLive = false
    this.leases = this.leases.filter((other) => other !== lease)
  }
}
