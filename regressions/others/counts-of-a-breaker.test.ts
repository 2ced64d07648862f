/** Smaller defects of peers in what a breaker counts and shows. */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures, errorRate, slowCalls } from '@breakwater/breaker'
import { CircuitOpenError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, failing, times } from '../calls.model.js'

test('a transition carries the counts that led to it (sony/gobreaker#72: they were cleared before)', async () => {
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(3) })
  const counts: number[] = []
  breaker.on('transition', (transition) => counts.push(transition.counts.failures))

  for (const work of times(3, failing)) await breaker.outcome(work)
  breaker.reset()

  expect(counts).toEqual([3, 3])
})

test('slow failures that leave the window leave no count negative (resilience4j#1262 and #1335)', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: [
      errorRate({ volume: 100, windowMs: 1_000 }),
      slowCalls({ slowerThanMs: 10, volume: 100, windowMs: 1_000 }),
    ],
    clock,
  })
  for (let round = 0; round < 5; round++) {
    for (let call = 0; call < 3; call++) {
      const permit = breaker.tryAcquire()
      if (permit instanceof CircuitOpenError) throw permit
      await clock.advance(20)
      permit.settle('failure')
    }
    await clock.advance(840)
  }

  expect(breaker.snapshot()).toMatchObject({ failures: 3, slow: 3, total: 3 })
  await clock.advance(1_000)
  expect(breaker.snapshot()).toMatchObject({ successes: 0, failures: 0, slow: 0, total: 0 })
})

test('the first failure opens nothing by default (nodeshift/opossum#217, #288, #404 and #660)', async () => {
  const breaker = new CircuitBreaker()

  for (const work of times(19, failing)) await breaker.outcome(work)

  expect(breaker).toBeClosed()
})

test('failures at once open it once, for one open time (nodeshift/opossum#385)', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(2),
    openMs: 1_000,
    probes: { limit: 1 },
    clock,
  })
  const told: string[] = []
  breaker.on('transition', ({ to }) => told.push(to))

  await Promise.all(times(50, failing).map((work) => breaker.outcome(work)))
  await clock.advance(1_000)

  expect(told).toEqual(['open'])
  expect(await breaker.execute(answering)).toBe('up')
})

test('a disabled breaker tells nothing (nodeshift/opossum#895), and 0 is a value (#824)', async () => {
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), openMs: 0, probes: { limit: 1 } })
  breaker.disable()
  const told: string[] = []
  for (const event of ['transition', 'rejected', 'late'] as const) breaker.on(event, () => told.push(event))
  for (const work of [failing, answering]) await breaker.outcome(work)
  expect(told).toEqual([])

  breaker.release()
  await breaker.outcome(failing)

  expect(breaker.snapshot().retryAfterMs).toBe(0)
  expect(await breaker.execute(answering)).toBe('up')
  expect(breaker).toBeClosed()
})
