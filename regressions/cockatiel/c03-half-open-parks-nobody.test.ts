/**
 * A half-open circuit of cockatiel 4 lets all other callers wait for its trial: without a limit, deaf to their abort,
 * for ever when the trial hangs. When it closes, all of them start at once: 5,000 within a millisecond (reproduced).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, hanging, times } from '../calls.model.js'

async function halfOpen(): Promise<{ clock: SimClock; breaker: CircuitBreaker }> {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 100,
    probes: { limit: 1, leaseMs: 1_000 },
    ramp: { durationMs: 3_000 },
    clock,
  })
  await breaker.outcome(failing)
  await clock.advance(100)
  return { clock, breaker }
}

test('callers beside the trial are refused at once, with the time after which to try again', async () => {
  const { clock, breaker } = await halfOpen()
  void breaker.execute(hanging)

  const outcomes = await Promise.all(times(5_000, answering).map((work) => breaker.outcome(work)))

  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['rejected']))
  expect(outcomes[0]).toMatchObject({ error: { retryAfterMs: 1_000 } })
  expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
})

test('nobody starts because it closes, and the ramp keeps those who come then from starting together', async () => {
  const { clock, breaker } = await halfOpen()
  const trial = breaker.execute(() => new Promise((resolve) => clock.io(200, () => resolve('up'))))
  let started = 0
  const count = (): Promise<never> => {
    started++
    return hanging()
  }
  const parked = times(5_000, count).map((work) => breaker.outcome(work))
  await clock.advance(100)
  expect(await trial).toBe('up')
  await Promise.all(parked)
  expect(started).toBe(0)

  for (const work of times(5_000, count)) void breaker.outcome(work)

  expect(breaker).toBeClosed()
  expect(started).toBeLessThanOrEqual(51)
})

test('a caller who gives up is free at once, trial or not', async () => {
  const { breaker } = await halfOpen()
  const caller = new AbortController()
  const trial = breaker.outcome(hanging, { signal: caller.signal })
  const surplus = breaker.outcome(hanging, { signal: caller.signal })

  caller.abort()

  expect(await trial).toHaveOutcome('cancelled')
  expect(await surplus).toHaveOutcome('rejected')
})
