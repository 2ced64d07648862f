/**
 * In all peers but gobreaker, results of calls from before the opening decide the half-open state, or change the counts
 * that are shown after it (awolden/brakes#10, App-vNext/Polly#216 to #219, Netflix/Hystrix#1350). gobreaker drops them, and
 * its users ask to see them (sony/gobreaker#122).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import type { CircuitBreakerEvents } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { DOWN, failing, hanging } from '../calls.model.js'

test.each(['open', 'half-open', 'closed again', 'open again'])('not while it is %s', async (state) => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(2),
    openMs: 100,
    probes: { limit: 1, closeAfter: 1 },
    clock,
  })
  const late: CircuitBreakerEvents['late'][] = []
  breaker.on('late', (event) => late.push(event))
  const answer = (at: number, fails: boolean): Promise<unknown> =>
    breaker.outcome(
      () => new Promise((resolve, reject) => clock.io(at, () => (fails ? reject(DOWN) : resolve('late')))),
    )
  const early = [answer(500, false), answer(500, true), answer(500, true)]
  for (const work of [failing, failing]) await breaker.outcome(work)

  if (state !== 'open') await clock.advance(100)
  if (state === 'half-open') void breaker.execute(hanging)
  if (state === 'closed again') await breaker.execute(() => 'up')
  if (state === 'open again') await breaker.outcome(failing)
  const before = { ...breaker.snapshot(), latency: undefined, inStateMs: undefined, retryAfterMs: undefined }
  await clock.advance(500 - clock.now())
  await Promise.all(early)

  expect(breaker.snapshot()).toMatchObject({ ...before, latency: {}, inStateMs: {}, retryAfterMs: {} })
  expect(late.map(({ kind }) => kind)).toEqual(['success', 'failure', 'failure'])
  expect(late.every(({ generation, currentGeneration }) => generation === 0 && currentGeneration > 0)).toBe(
    true,
  )
})
