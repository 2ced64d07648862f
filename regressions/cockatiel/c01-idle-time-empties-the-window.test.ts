/**
 * The sampling breaker of cockatiel 4 turns its window by one bucket per call, whatever time went by: four failures, five
 * minutes of silence, one more failure, and it opens (reproduced; reported as connor4312/cockatiel#64).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, errorRate } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, times } from '../calls.model.js'

test('failures of five minutes ago do not count, neither for a failure nor for a success', async () => {
  for (const next of [failing, answering]) {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({
      trip: errorRate({ percent: 50, volume: 5, windowMs: 30_000 }),
      clock,
    })
    for (const work of times(4, failing)) await breaker.outcome(work)

    await clock.advance(300_000)
    await breaker.outcome(next)

    expect(breaker).toBeClosed()
    expect(breaker.snapshot().total).toBe(1)
  }
})
