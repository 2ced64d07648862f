/**
 * opossum 10 notes the moment of opening when a circuit is made, not when it opens. So the saved state of an old circuit
 * that has just opened comes back half-open at once, and that of a young one starts its whole open time again
 * (reproduced; users ask for restoring in nodeshift/opossum#504, #568 and #719).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import type { CircuitBreakerOptions } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing } from '../calls.model.js'

const options: CircuitBreakerOptions = { trip: consecutiveFailures(1), openMs: 10_000, probes: { limit: 1 } }

test('a restored breaker waits for what is left of its open time: no less, no more', async () => {
  for (const ageMs of [0, 3_600_000]) {
    const clock = new SimClock()
    const old = new CircuitBreaker({ ...options, clock })
    await clock.advance(ageMs)
    await old.outcome(failing)
    await clock.advance(4_000)
    const restore = old.save()

    const later = new SimClock({ epochMs: clock.epochNow() + 1_000 })
    const breaker = new CircuitBreaker({ ...options, restore, clock: later })

    expect(breaker).toBeOpen()
    await later.advance(4_999)
    expect(await breaker.outcome(answering)).toHaveOutcome('rejected')
    await later.advance(1)
    expect(await breaker.execute(answering)).toBe('up')
    expect(breaker).toBeClosed()
  }
})
