/**
 * In cockatiel 4 a call from before the opening that fails late opens the half-open circuit again while its good trial
 * runs; the trial's success is then ignored (reproduced).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { DOWN, failing } from '../calls.model.js'

test('the trial decides, not what began before it', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 100,
    probes: { limit: 1 },
    clock,
  })
  const late: string[] = []
  breaker.on('late', ({ kind }) => late.push(kind))
  const stale = breaker.outcome(() => new Promise((_, reject) => clock.io(150, () => reject(DOWN))))
  await breaker.outcome(failing)
  await clock.advance(100)
  const trial = breaker.execute(() => new Promise((resolve) => clock.io(200, () => resolve('up'))))

  await clock.advance(50)
  expect(await stale).toHaveOutcome('failure')
  expect(breaker).toBeHalfOpen()
  await clock.advance(50)

  expect(await trial).toBe('up')
  expect(breaker).toBeClosed()
  expect(late).toEqual(['failure'])
})
