/**
 * opossum, cockatiel and prom-client have all kept something of each call at some time (nodeshift/opossum#648,
 * nodejs/node#54614). Here no way in which a call can end may leave more than half a byte behind.
 */
import { CircuitBreaker, consecutiveFailures, Permit } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { failing } from '../calls.model.js'
import { bytesEach, failOnWarnings, MAX_BYTES_EACH } from './leaks.model.js'
import { loadOf, WAYS } from './loads.model.js'
import { SINGLE_POLICIES } from './targets.model.js'

failOnWarnings()

test.each(SINGLE_POLICIES)('a %s keeps nothing of a call: %s', async (_name, way, make) => {
  const clock = new SimClock()

  const load = loadOf(make(way, clock), () => WAYS[way](clock))

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})

test('a breaker keeps nothing of a permit, settled or given back', async () => {
  const breaker = new CircuitBreaker()

  const load = (count: number): Promise<void> => {
    for (let call = 0; call < count; call++) {
      const permit = breaker.tryAcquire()
      if (!(permit instanceof Permit)) throw permit
      if (call % 2 === 0) permit.settle('success', 3)
      else permit[Symbol.dispose]()
    }
    return Promise.resolve()
  }

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
})

test('a breaker keeps nothing of an outage that is over', async () => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    clock,
    trip: consecutiveFailures(1),
    openMs: 1,
    probes: { limit: 1 },
  })

  const load = async (count: number): Promise<void> => {
    for (let outage = 0; outage < count; outage++) {
      await breaker.outcome(failing)
      await breaker.outcome(() => 'refused')
      clock.stall(1)
      await breaker.execute(() => 'up')
    }
  }

  expect(await bytesEach(load)).toBeLessThanOrEqual(MAX_BYTES_EACH)
  expect(breaker.snapshot().state).toBe('closed')
})
