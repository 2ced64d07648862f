/**
 * When the policies of a command can be thrown away without forgetting anything that protects the dependency. Shared
 * ones do not count: they stay.
 */
import type { CircuitBreaker, CircuitBreakerOptions, RateLimiter, TripRule } from '@breakwater/breaker'
import type { ResolvedCommand } from './command-options.js'
import { owns } from './parts.js'
import type { Parts } from './parts.js'

/** Whether no fallback runs, no work runs on in the bulkhead, and the rate limit and the breaker are as good as new ones. */
export function holdNothing(parts: Parts, resolved: ResolvedCommand): boolean {
  const { fallback, rate, breaker, breakerSince, bulkhead } = parts
  if (fallback !== undefined && fallback.running > 0) return false
  if (owns(resolved.bulkhead, 'limit') && bulkhead !== undefined && bulkhead.snapshot().running > 0)
    return false
  if (owns(resolved.rate, 'rate') && rate !== undefined && !isFull(rate)) return false
  if (!owns(resolved.breaker, 'breaker') || breaker === undefined) return true
  const rampMs = rampOf(resolved.breaker as CircuitBreakerOptions)
  const ageMs = resolved.clock.now() - breakerSince
  return isClean(breaker) && !isRecovering(breaker, rampMs, ageMs)
}

// A new one would let a whole burst through.
function isFull(rate: RateLimiter): boolean {
  const { available, burst } = rate.snapshot()
  return available === burst
}

// The counts of a rule over the last calls, and a row of failures, do not age, so they are looked at too.
function isClean(breaker: CircuitBreaker): boolean {
  if (breaker.state !== 'closed') return false
  const { counted, consecutiveFailures } = breaker.save().statistics
  const isInRow = consecutiveFailures > 0 && heedsRows(breaker)
  return hasCleanWindow(breaker) && !isInRow && /^s*$/.test(counted?.outcomes ?? '')
}

// To other rules a row means nothing, and who was last called while it was down would never be idle again.
function heedsRows(breaker: CircuitBreaker): boolean {
  // A breaker describes itself by its rules; one of Hystrix has none of these.
  const { trip = [] } = breaker.stage.describe().options as { readonly trip?: readonly TripRule[] }
  return trip.some(({ kind }) => kind === 'consecutive-failures' || kind === 'custom')
}

/** Whether no failure and no slow call is in its time window, those of a bucket that is still open among them. */
export function hasCleanWindow(breaker: CircuitBreaker): boolean {
  return breaker.save().statistics.window.buckets.every(({ failures, slow }) => failures === 0 && slow === 0)
}

// It changed its state not long ago, so it may be in its ramp, in which a new one would let all calls through at once.
function isRecovering(breaker: CircuitBreaker, rampMs: number, ageMs: number): boolean {
  const { inStateMs } = breaker.snapshot()
  return inStateMs < ageMs && inStateMs < rampMs
}

// The preset has filled in what was not given.
function rampOf({ ramp }: CircuitBreakerOptions): number {
  return typeof ramp === 'object' ? (ramp.durationMs ?? 0) : 0
}
