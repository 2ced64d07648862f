/**
 * Aborting the signal that one gave to a cockatiel 4 timeout ends the call with an error that says it timed out, and
 * fires its timeout event; the reason of the abort is lost (reproduced; connor4312/cockatiel#101, App-vNext/Polly PR #3094).
 */
import { Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test, vi } from 'vitest'
import { hanging } from '../calls.model.js'

test('a caller’s abort rejects with his own reason and counts as no timeout', async () => {
  const clock = new SimClock()
  const controller = new AbortController()
  const timeout = new Timeout({ timeoutMs: 1_000, clock })
  const heard = vi.fn()
  timeout.on('timeout', heard)
  const reason = new Error('the user closed the page')
  const outcome = timeout.outcome(hanging, { signal: controller.signal })

  controller.abort(reason)
  await clock.advance(5_000)

  const ended = await outcome
  expect(ended.kind).toBe('cancelled')
  expect('error' in ended && ended.error).toBe(reason)
  expect(heard).not.toHaveBeenCalled()
  expect(timeout.expirations).toBe(0)
})
