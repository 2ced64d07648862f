/**
 * The lease of one instance. Renewing moves the last renewal a whole duration into the future, and the test for expiry
 * adds the duration once more: a renewed lease lives for two durations, one that never was renewed for one. Servers have
 * kept this since 2015 (Netflix/eureka#531), so clients have to live with it.
 */
import type { InstanceInfo } from './instance-info.js'

export interface Lease {
  info: InstanceInfo
  /** Whether it never expires, because a test holds it. */
  readonly isHeld: boolean
  readonly registeredAt: number
  renewedAt: number
  upAt: number
  evictedAt: number
}

export interface LeaseTerms {
  readonly isHeld: boolean
  /** When an earlier lease of the instance came up; 0 = never. */
  readonly upAt: number
}

export function grant(info: InstanceInfo, now: number, { isHeld, upAt }: LeaseTerms): Lease {
  const lease: Lease = { info, isHeld, registeredAt: now, renewedAt: now, upAt, evictedAt: 0 }
  if (info.status === 'UP') markUp(lease, now)
  return lease
}

export function renew(lease: Lease, now: number): void {
  lease.renewedAt = now + durationMs(lease)
}

export function markUp(lease: Lease, now: number): void {
  if (lease.upAt === 0) lease.upAt = now
}

export function isExpired(lease: Lease, now: number): boolean {
  return !lease.isHeld && now > lease.renewedAt + durationMs(lease)
}

function durationMs({ info }: Lease): number {
  return info.durationSecs * 1_000
}
