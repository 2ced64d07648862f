/**
 * Errors that the filter of cockatiel 4 does not handle are nothing while the circuit is closed (two failures, fifty times
 * 404 and one more failure are "three in a row") but a success while it is half-open (reproduced).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import type { Classify } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, times } from '../calls.model.js'

const NOT_FOUND = new Error('404')
const notFound = (): Promise<never> => Promise.reject(NOT_FOUND)
const as =
  (meaning: ReturnType<Classify>): Classify =>
  (outcome) =>
    outcome.kind === 'success' ? 'success' : outcome.error === NOT_FOUND ? meaning : 'failure'

async function closedThenHalfOpen(classify: Classify): Promise<{ inARow: number; afterTrial: string }> {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(3),
    openMs: 10,
    probes: { limit: 1 },
    classify,
    clock,
  })
  for (const work of [failing, failing, ...times(50, notFound)]) await breaker.outcome(work)
  const inARow = breaker.snapshot().consecutiveFailures
  breaker.openFor(10)
  await clock.advance(10)
  await expect(breaker.execute(notFound)).rejects.toBe(NOT_FOUND)
  const afterTrial = breaker.state
  expect(await breaker.execute(answering)).toBe('up')
  return { inARow, afterTrial }
}

test('ignored is nothing, closed and half-open', async () => {
  expect(await closedThenHalfOpen(as('ignored'))).toEqual({ inARow: 2, afterTrial: 'half-open' })
})

test('an error that shows a healthy dependency can be a success, closed and half-open', async () => {
  expect(await closedThenHalfOpen(as('success'))).toEqual({ inARow: 0, afterTrial: 'closed' })
})
