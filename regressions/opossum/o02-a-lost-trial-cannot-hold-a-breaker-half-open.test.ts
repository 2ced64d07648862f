/**
 * With its timeout off, a trial of opossum 10 that never settles leaves the circuit half-open for good: every call is
 * refused, with a healthy dependency behind it (reproduced; nodeshift/opossum#57 and #580 are about such states).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, hanging } from '../calls.model.js'

test('without any timeout, a trial that never ends only keeps its slot until its lease is over', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 1_000,
    probes: { limit: 1, leaseMs: 2_000 },
    clock,
  })
  await breaker.outcome(failing)
  await clock.advance(1_000)
  void breaker.execute(hanging)

  await clock.advance(1_999)
  expect(await breaker.outcome(answering)).toHaveOutcome('rejected')
  await clock.advance(1)

  expect(await breaker.execute(answering)).toBe('up')
  expect(breaker).toBeClosed()
})
