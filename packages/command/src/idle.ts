/**
 * When the policies of a command can be thrown away without forgetting anything that protects the dependency. Shared
 * ones do not count: they stay.
 */
import type { CircuitBreaker, CircuitBreakerOptions, RateLimiter } from '@breakwater/breaker'
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
  const { window, counted, consecutiveFailures } = breaker.save().statistics
  const hasNone = window.buckets.every(({ failures, slow }) => failures === 0 && slow === 0)
  return hasNone && consecutiveFailures === 0 && /^s*$/.test(counted?.outcomes ?? '')
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
