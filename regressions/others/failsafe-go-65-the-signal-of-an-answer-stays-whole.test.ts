/**
 * Where the context of a call is cancelled as soon as the call has answered, the body of the answer is cut off: 3 965 of
 * 512 000 bytes arrived (failsafe-lib/failsafe-go#65, #123; go-resty/resty#1197).
 */
import { Bulkhead, constant, Retry, Timeout } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { hanging } from '../calls.model.js'

test('the signal of an attempt that answered never aborts, whatever becomes of the others and of the caller', async () => {
  const clock = new SimClock()
  const caller = new AbortController()
  const retry = new Retry({ backoff: constant({ ms: 1 }), clock })
  const stack = pipeline(
    new Timeout({ timeoutMs: 200, clock }),
    retry,
    new Bulkhead({ clock }),
    new Timeout({ timeoutMs: 50, clock }),
  )

  const answer = stack.execute(
    ({ attempt, signal }) =>
      attempt === 1 ? hanging() : new Promise<AbortSignal>((resolve) => clock.io(60, () => resolve(signal))),
    { signal: caller.signal, budgetMs: 150 },
  )
  await clock.advance(70)
  const signalOfBody = await answer
  caller.abort()
  await clock.advance(1_000)

  expect(signalOfBody.aborted).toBe(false)
})
