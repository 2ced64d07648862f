/**
 * cockatiel 4 does not watch the caller's signal while it waits for the next attempt: aborted after 20 of 200 ms it
 * waits to the end and calls the function once more (reproduced; connor4312/cockatiel#25. Polly had it too: PR #2456).
 */
import { constant, Retry } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { failing } from '../calls.model.js'

test('an abort ends the wait at once, and nothing is called any more', async () => {
  const clock = new SimClock()
  const controller = new AbortController()
  let calls = 0
  let endedAt = -1
  const outcome = new Retry({ maxRetries: 3, backoff: constant({ ms: 200 }), clock }).outcome(
    () => {
      calls++
      return failing()
    },
    { signal: controller.signal },
  )
  void outcome.then(() => (endedAt = clock.now()))
  await clock.advance(20)

  controller.abort('changed my mind')
  await clock.advance(1_000)

  expect(await outcome).toEqual({ kind: 'cancelled', error: 'changed my mind' })
  expect(endedAt).toBe(20)
  expect(calls).toBe(1)
})
