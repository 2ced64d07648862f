/**
 * A listener that throws when a call succeeded makes a cockatiel 4 retry run that successful call again: four calls with
 * three attempts allowed (reproduced). opossum 10 turns such a success into a failure (O9).
 */
import { Bulkhead, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { guard, onInternalError, pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { failing, hanging } from '../calls.model.js'

test('listeners and guards that throw change neither what a call answers nor how often it runs', async () => {
  const clock = new SimClock()
  const reported: string[] = []
  const unsubscribe = onInternalError((_error, where) => reported.push(where))
  const throwing = (): never => {
    throw new Error('listener')
  }
  const retry = new Retry({ maxRetries: 2, backoff: constant({ ms: 1 }), clock })
  const bulkhead = new Bulkhead({ limit: 1, clock })
  const timeout = new Timeout({ timeoutMs: 50, clock })
  const fallback = new Fallback({ chain: [() => 'instead'], when: ({ kind }) => kind === 'rejected' })
  retry.on('retry', throwing)
  retry.on('exhausted', throwing)
  bulkhead.on('rejected', throwing)
  timeout.on('timeout', throwing)
  fallback.on('answered', throwing)
  const stack = pipeline(fallback, retry, guard({ enter: throwing, exit: throwing }), bulkhead, timeout)
  let calls = 0

  const saved = stack.outcome(() => (++calls === 1 ? failing() : 'second'))
  await clock.advance(10)
  const late = stack.outcome(hanging)
  const refused = stack.outcome(() => 1)
  await clock.advance(1_000)
  unsubscribe()

  expect(await saved).toEqual({ kind: 'success', value: 'second' })
  expect(calls).toBe(2)
  expect(await refused).toEqual({ kind: 'success', value: 'instead' })
  expect((await late).kind).toBe('success')
  expect(retry.counts).toMatchObject({ success: 1 })
  expect(new Set(reported)).toEqual(
    new Set([
      'guard guard',
      'Retry: listener of "retry"',
      'Bulkhead: listener of "rejected"',
      'Timeout: listener of "timeout"',
      'Fallback: listener of "answered"',
    ]),
  )
})
