/**
 * cockatiel 4 reads `Date.now()`: when the clock is set back by an hour, the circuit stays open for an hour. Its error
 * says neither when to try again, nor why, nor has it a code (reproduced).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { CircuitOpenError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, DOWN, failing } from '../calls.model.js'

test.each([-3_600_000, 3_600_000])('a wall clock set by %s ms moves no open time', async (ms) => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), openMs: 1_000, clock })
  await breaker.outcome(failing)

  clock.shiftEpoch(ms)

  await clock.advance(999)
  expect(await breaker.outcome(answering)).toHaveOutcome('rejected')
  await clock.advance(1)
  expect(await breaker.execute(answering)).toBe('up')
})

test('the refusal says when to try again, and why', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), openMs: 1_000, clock })
  await breaker.outcome(failing)

  const refusal: unknown = await breaker.execute(answering).catch((error: unknown) => error)

  expect(refusal).toBeInstanceOf(CircuitOpenError)
  expect(refusal).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', retryAfterMs: 1_000, cause: DOWN })
})
