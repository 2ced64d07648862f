/**
 * Errors that opossum's `errorFilter` lets pass count as successes: they close a half-open circuit without one answer of
 * the dependency, and no fallback can be asked about them (reproduced; nodeshift/opossum#196 and #540).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing } from '../calls.model.js'

const NOT_FOUND = new Error('404')
const notFound = (): Promise<never> => Promise.reject(NOT_FOUND)

function halfOpen(): CircuitBreaker {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 10,
    probes: { limit: 1 },
    classify: ({ kind, ...end }) =>
      kind === 'success' ? 'success' : 'error' in end && end.error === NOT_FOUND ? 'ignored' : 'failure',
    clock,
  })
  breaker.openFor(10)
  clock.stall(10)
  return breaker
}

test('an ignored trial neither closes nor opens, and the next call is the next trial', async () => {
  const breaker = halfOpen()

  expect(await breaker.outcome(notFound)).toEqual({ kind: 'ignored', error: NOT_FOUND })
  expect(breaker).toBeHalfOpen()
  expect(breaker.snapshot()).toMatchObject({ successes: 0, failures: 0 })

  expect(await breaker.execute(answering)).toBe('up')
  expect(breaker).toBeClosed()
  expect(await breaker.outcome(failing)).toHaveOutcome('failure')
  expect(breaker).toBeOpen()
})

test('a fallback can be asked about them, and is not unless told', async () => {
  const asked = new Fallback({ chain: [({ kind }) => kind], when: () => true })
  const usual = new Fallback({ chain: [({ kind }) => kind] })

  expect(await pipeline(asked, halfOpen()).execute(notFound)).toBe('ignored')
  await expect(pipeline(usual, halfOpen()).execute(notFound)).rejects.toBe(NOT_FOUND)
})
