/**
 * opossum 10 turns its window by a timer. After the loop was blocked for a second, a window of 100 ms still held its five
 * failures, and the next one opened the circuit (reproduced; a frozen Lambda should look the same).
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, errorRate } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, times } from '../calls.model.js'

test('a window knows what time it is, though nothing could run for a while', async () => {
  for (const next of [failing, answering]) {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ trip: errorRate({ percent: 50, volume: 6, windowMs: 100 }), clock })
    for (const work of times(5, failing)) await breaker.outcome(work)

    clock.stall(1_000)
    await breaker.outcome(next)

    expect(breaker).toBeClosed()
    expect(breaker.snapshot().total).toBe(1)
  }
})

test('so it is on the clock of the process', async () => {
  const breaker = new CircuitBreaker({ trip: errorRate({ percent: 50, volume: 6, windowMs: 100 }) })
  for (const work of times(5, failing)) await breaker.outcome(work)

  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
  await breaker.outcome(failing)

  expect(breaker.snapshot()).toMatchObject({ state: 'closed', failures: 1 })
})
