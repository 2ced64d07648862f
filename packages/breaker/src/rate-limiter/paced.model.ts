/**
 * A rate limiter that spaces calls evenly, and when they begin.
 */
import type { Policy } from '@breakwater/kernel'
import type { SimClock } from '@breakwater/testing'
import { RateLimiter } from './rate-limiter.js'

/** Ten a second, evenly spaced. */
export function paced(
  clock: SimClock,
  queue: { limit?: number; maxWaitMs?: number } = { limit: 10 },
): RateLimiter {
  return new RateLimiter({ rate: 10, burst: 1, queue, clock })
}

/** When each of several calls made now begins, or how else it ends. */
export function beginnings(policy: Policy<unknown>, clock: SimClock, count: number): (number | string)[] {
  const seen: (number | string)[] = Array.from({ length: count }, () => 'waits')
  for (let index = 0; index < count; index++) {
    void policy
      .outcome(() => {
        seen[index] = clock.now()
      })
      .then(({ kind }) => {
        if (kind !== 'success') seen[index] = kind
      })
  }
  return seen
}
