/**
 * Breakers without a cap on trials let everybody in at the moment the open time is over: 100 of 100 at once in
 * nestjs-resilience and alfred, 50 of 50 in brakes (reproduced). safe-global/safe-client-gateway#3442 was seventeen times
 * the usual load and an outage; opossum had it as #119 and #120, resilience4j as #343 and #1432, failsafe as #391.
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures, Timeout } from '@breakwater/breaker'
import { pipeline } from '@breakwater/kernel'
import { createScriptedDependency, SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { times } from '../calls.model.js'

test('of a hundred calls at once, as many reach the dependency as there are slots', async () => {
  const clock = new SimClock()
  const dependency = createScriptedDependency({ clock, script: [{ afterMs: 50, value: 'up' }] })
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), probes: { limit: 3 }, clock })
  breaker.openFor(100)
  await clock.advance(100)

  const outcomes = times(100, dependency.run).map((work) => breaker.outcome(work))
  await clock.advance(50)

  const kinds = (await Promise.all(outcomes)).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'success')).toHaveLength(3)
  expect(kinds.filter((kind) => kind === 'rejected')).toHaveLength(97)
  expect(dependency.maxRunning).toBe(3)
  expect(breaker).toBeClosed()
})

test('a dependency that stays down gets one round of trials per open time, however many ask', async () => {
  const clock = new SimClock()
  const dependency = createScriptedDependency<string>({ clock, script: [{ never: true }] })
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 1_000,
    probes: { limit: 2 },
    clock,
  })
  const guarded = pipeline(breaker, new Timeout({ timeoutMs: 100, clock }))
  breaker.openFor(1_000)

  for (let ms = 0; ms < 11_000; ms += 10) {
    for (const work of times(5, dependency.run)) void guarded.outcome(work)
    await clock.advance(10)
  }

  // A round is one open time and the timeout of its trials: 1,000, 2,100, … 10,900.
  expect(dependency.calls).toHaveLength(2 * 10)
})
