/**
 * The preset `standard`: what a command does about which nothing was said.
 */
import { decorrelated, errorRate, exponential, slowCalls } from '@breakwater/breaker'
import type { CircuitBreaker, CircuitBreakerOptions, Retry, RetryOptions } from '@breakwater/breaker'
import { fillsSlot } from '@breakwater/kernel'
import { overPreset } from './option-merge.js'

/** Numbers of the preset. */
export const STANDARD: Readonly<
  Record<'timeoutMs' | 'attemptTimeoutMs' | 'maxRetries' | 'fallbackLimit', number>
> = Object.freeze({
  timeoutMs: 10_000,
  attemptTimeoutMs: 2_000,
  maxRetries: 2,
  fallbackLimit: 10,
})

/** The breaker as given, over that of the preset. */
export function standardBreaker(
  given: CircuitBreakerOptions | CircuitBreaker | false,
  attemptTimeoutMs: number | undefined,
): CircuitBreakerOptions | CircuitBreaker | undefined {
  if (given === false) return undefined
  // A breaker of Hystrix has defaults of its own, and nothing of what is below.
  if (fillsSlot(given, 'breaker') || given.compat !== undefined) return given
  const slowerThanMs = STANDARD.attemptTimeoutMs
  const preset: CircuitBreakerOptions = {
    // A slow-call rule at the attempt's time would only repeat the error rate: who is slower has timed out, which is a failure.
    trip: attemptTimeoutMs === undefined ? [errorRate(), slowCalls({ slowerThanMs })] : errorRate(),
    openMs: exponential({ firstMs: 5_000, maxMs: 60_000, jitter: 'equal' }),
    probes: { limit: 3, leaseMs: attemptTimeoutMs },
    ramp: { durationMs: 10_000 },
  }
  return overPreset('breaker', preset, given)
}

/** The retry as given, over that of the preset; the budget is the command's own. */
export function standardRetry(given: RetryOptions | Retry | false): RetryOptions | Retry | undefined {
  if (given === false) return undefined
  if (fillsSlot(given, 'retry')) return given
  const preset: RetryOptions = {
    maxRetries: STANDARD.maxRetries,
    backoff: decorrelated({ baseMs: 100, maxMs: 2_000 }),
  }
  return overPreset('retry', preset, given)
}
