/**
 * Half-open for six days, 49,607 refusals, and a healthy dependency behind it: diegosouzapw/OmniRoute#13836. A trial that
 * never reports keeps the half-open state for ever in opossum, cockatiel and mollitia (reproduced), and by reading in
 * Polly, gobreaker, failsafe and Sentinel (#1638).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures, errorRate } from '@breakwater/breaker'
import { createScriptedDependency, SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { failing } from '../calls.model.js'

test('whatever number of trials hang, it closes once the dependency answers again', async () => {
  const clock = new SimClock()
  const dependency = createScriptedDependency({
    clock,
    script: (index) => (index < 7 ? { never: true } : { afterMs: 5, value: 'up' }),
  })
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 1_000,
    probes: { limit: 2, leaseMs: 500 },
    clock,
  })
  await breaker.outcome(failing)

  for (let ms = 0; ms < 4_000; ms += 100) {
    void breaker.outcome(dependency.run)
    await clock.advance(100)
  }

  expect(breaker).toBeClosed()
  expect(dependency.calls.slice(0, 6).map(({ startedAt }) => startedAt)).toEqual([
    1_000, 1_100, 1_500, 1_600, 2_000, 2_100,
  ])
})

test('a window that has emptied meanwhile is no obstacle, either', async () => {
  // nodeshift/opossum#276: half-open was stuck when the volume fell below its threshold.
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: errorRate({ volume: 3, windowMs: 1_000 }),
    openMs: 60_000,
    probes: { limit: 1 },
    clock,
  })
  for (const work of [failing, failing, failing]) await breaker.outcome(work)
  await clock.advance(60_000)

  expect(await breaker.execute(() => 'up')).toBe('up')

  expect(breaker).toBeClosed()
})
