/**
 * An action of opossum 10 that returns `undefined` or `null` at once ends as a TypeError, and counts as a failure
 * (reproduced).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { expect, test } from 'vitest'

test.each([undefined, null, 0, '', false, Number.NaN])('%s is an answer like any other', async (nothing) => {
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(1) })

  expect(await breaker.execute(() => nothing)).toBe(nothing)
  expect(await breaker.execute(() => Promise.resolve(nothing))).toBe(nothing)
  expect(await breaker.wrap(() => nothing)()).toBe(nothing)
  expect(breaker.executeSync(() => nothing)).toBe(nothing)

  expect(breaker.snapshot()).toMatchObject({ state: 'closed', successes: 4, failures: 0 })
})
