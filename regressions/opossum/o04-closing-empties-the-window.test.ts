/**
 * opossum 10 keeps the counts of the incident when it closes: five failures, one good trial, and the next single failure
 * opens it again at once (reproduced).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, errorRate } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, times } from '../calls.model.js'

test('after a recovery, one failure is one failure', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: errorRate({ percent: 50, volume: 5, windowMs: 60_000 }),
    openMs: 1_000,
    probes: { limit: 1 },
    clock,
  })
  for (const work of times(5, failing)) await breaker.outcome(work)
  await clock.advance(1_000)
  await breaker.execute(answering)

  await breaker.outcome(failing)

  expect(breaker).toBeClosed()
  expect(breaker.snapshot()).toMatchObject({ successes: 1, failures: 1 })
})
