/**
 * opossum 10 divides the failures by everything that was ever asked of it: cached and coalesced answers, refusals, calls
 * still in flight. Ten failures of eleven real calls stay below 50 % (reproduced; nodeshift/opossum#481, #558 and #560
 * wonder about the percentage).
 */
import '@breakwater/testing/vitest'
import { Bulkhead, CircuitBreaker, errorRate } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, hanging, times } from '../calls.model.js'

test('calls in flight, refused or given up do not water the error rate down', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ trip: errorRate({ percent: 50, volume: 11 }), clock })
  const guarded = pipeline(breaker, new Bulkhead({ limit: 10, clock }))
  for (const work of times(9, hanging)) void guarded.execute(work)
  const caller = new AbortController()
  const givenUp = guarded.outcome(hanging, { signal: caller.signal })
  expect(await guarded.outcome(answering)).toHaveOutcome('rejected')
  caller.abort()
  expect(await givenUp).toHaveOutcome('cancelled')

  await breaker.execute(answering)
  for (const work of times(9, failing)) await breaker.outcome(work)
  expect(breaker.snapshot()).toMatchObject({ state: 'closed', total: 10 })
  await breaker.outcome(failing)

  expect(breaker).toBeOpen()
})
