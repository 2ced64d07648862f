/**
 * In opossum 10 a listener of `success` that throws turns the success into a failure of the call (reproduced).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { onInternalError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, DOWN, failing } from '../calls.model.js'

test('a listener that throws is reported, and the call ends as it would have', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 10,
    probes: { limit: 1 },
    clock,
  })
  const reports: unknown[] = []
  const unsubscribe = onInternalError((error) => reports.push(error))
  const fault = new Error('listener')
  for (const event of ['transition', 'rejected', 'late', 'update'] as const) {
    breaker.on(event, () => {
      throw fault
    })
  }

  expect(await breaker.outcome(failing)).toEqual({ kind: 'failure', error: DOWN })
  expect(await breaker.outcome(answering)).toHaveOutcome('rejected')
  await clock.advance(10)
  expect(await breaker.execute(answering)).toBe('up')
  breaker.update({ openMs: 20 })

  unsubscribe()
  expect(breaker).toBeClosed()
  expect(reports).toEqual([fault, fault, fault, fault, fault])
})
