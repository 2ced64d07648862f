/** Breakers with `compat`, and short words for what their tests do. For tests only. */
import { SimClock } from '@breakwater/testing'
import { end } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import type { Compat } from './core/line.js'
import { errorRate } from './trip-rules.js'

export const CLASSIC = 'hystrix-1.5.18'
export const TRI_STATE = 'hystrix-1.5.13'
export const LEASED = 'hystrix'
export const COMPATS: readonly Compat[] = [CLASSIC, TRI_STATE, LEASED]
/** Those of a version, with its faults. */
export const VERSIONS: readonly Compat[] = [CLASSIC, TRI_STATE]

/** Opens at half of 4 calls within a second, cut into buckets of 100 ms, for more than 500 ms. */
export function likeHystrix(
  compat: Compat,
  options: CircuitBreakerOptions = {},
): { clock: SimClock; breaker: CircuitBreaker } {
  const clock = new SimClock()
  const trip = errorRate({ percent: 50, volume: 4, windowMs: 1_000, buckets: 10 })
  return { clock, breaker: new CircuitBreaker({ compat, trip, openMs: 500, clock, ...options }) }
}

/** The same, after four failures and the look that finds it open: at 100 for both. */
export function opened(
  compat: Compat,
  options: CircuitBreakerOptions = {},
): { clock: SimClock; breaker: CircuitBreaker } {
  const made = likeHystrix(compat, options)
  end(made.breaker, 'failure', 'failure', 'failure', 'failure')
  made.clock.stall(100)
  if (made.breaker.state !== 'open') throw new Error('should be open')
  return made
}
