/**
 * When the breaker of a command can be thrown away without forgetting anything that protects the dependency.
 */
import { CircuitBreaker } from '@breakwater/breaker'
import type { CircuitBreakerOptions } from '@breakwater/breaker'

const DEFAULT_RAMP_MS = 10_000

/**
 * Whether a breaker holds nothing: closed, with no failure and no slow call in any of its windows. The counts of a rule
 * over the last calls, and a row of failures, do not age, so they are looked at too.
 */
export function holdsNothing(breaker: CircuitBreaker): boolean {
  if (breaker.state !== 'closed') return false
  const { window, counted, consecutiveFailures } = breaker.save().statistics
  const isClean = window.buckets.every(({ failures, slow }) => failures === 0 && slow === 0)
  return isClean && consecutiveFailures === 0 && /^s*$/.test(counted?.outcomes ?? '')
}

/** Whether a breaker that was made before `madeAt` may be in its ramp: a new one would let all calls through at once. */
export function mayBeRecovering(
  breaker: CircuitBreaker,
  given: CircuitBreakerOptions | CircuitBreaker | undefined,
  age: { readonly madeAt: number; readonly now: number },
): boolean {
  if (given === undefined || given instanceof CircuitBreaker || given.ramp === false) return false
  const { inStateMs } = breaker.snapshot()
  const hasMoved = inStateMs < age.now - age.madeAt
  return hasMoved && inStateMs < (given.ramp?.durationMs ?? DEFAULT_RAMP_MS)
}
