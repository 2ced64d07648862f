/**
 * Answer after 5 ms, timeout of 60 ms, loop blocked for 150 ms in an I/O callback: opossum 10 and cockatiel 4 both call
 * 20 of 20 such calls timed out, and opossum then opens on a healthy dependency (both reproduced; D10, compare
 * sindresorhus/got#2297 and americanexpress/one-app#111).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures, Timeout } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { createScriptedDependency, SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'

test.each([150, 2_000])(
  'answers that came while the loop was blocked for %i ms are answers',
  async (blockedMs) => {
    const clock = new SimClock()
    const dependency = createScriptedDependency<string>({ clock, script: [{ afterMs: 5, value: 'in time' }] })
    const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), clock })
    const timeout = new Timeout({ timeoutMs: 60, clock })
    const stack = pipeline(breaker, timeout)

    const outcomes = Array.from({ length: 20 }, () => stack.outcome(dependency.run))
    clock.io(1, () => clock.stall(blockedMs))
    await clock.advance(1)
    await clock.flush()

    for (const outcome of await Promise.all(outcomes)) expect(outcome).toHaveOutcome('success')
    expect(timeout.expirations).toBe(0)
    expect(breaker).toBeClosed()
  },
)

test('real silence still is a timeout, soon after the block', async () => {
  const clock = new SimClock()
  const dependency = createScriptedDependency<string>({ clock, script: [{ never: true }] })
  const outcome = new Timeout({ timeoutMs: 60, clock }).outcome(dependency.run)

  clock.stall(150)
  // Half of what the stall took of its time.
  await clock.advance(30)

  expect(await outcome).toHaveOutcome('timeout')
})
