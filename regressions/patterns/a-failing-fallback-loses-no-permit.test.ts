/**
 * What runs after the call (a fallback, its condition, a retry's predicate) may throw, hang or call the breaker again. None
 * of it may keep a permit of the breaker.
 */
import '@breakwater/testing/vitest'
import { CircuitBreaker, consecutiveFailures } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import type { FallbackHandler } from '@breakwater/fallback'
import { onInternalError, pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { expect, test } from 'vitest'
import { answering, DOWN, failing, hanging } from '../calls.model.js'

const chains: Record<string, (breaker: CircuitBreaker) => FallbackHandler> = {
  throws: () => () => {
    throw new Error('fallback')
  },
  rejects: () => () => Promise.reject(new Error('fallback')),
  hangs: () => hanging,
  'calls the breaker again': (breaker) => () => breaker.execute(answering),
}

test.each(Object.entries(chains))('B9: a fallback that %s', async (_, handlerFor) => {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 100,
    probes: { limit: 1 },
    clock,
  })
  const guarded = pipeline(new Fallback({ chain: [handlerFor(breaker)] }), breaker)
  for (let round = 0; round < 3; round++) {
    void guarded.outcome(failing)
    void guarded.outcome(answering)
    await clock.advance(100)
  }

  expect(await breaker.execute(answering)).toBe('up')
  expect(breaker).toBeClosed()
})

test('B9: a condition of a fallback that throws', async () => {
  const unsubscribe = onInternalError(() => undefined)
  const clock = new SimClock()
  const breaker = new CircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 100,
    probes: { limit: 1 },
    clock,
  })
  const when = (): boolean => {
    throw new Error('when')
  }
  const guarded = pipeline(new Fallback({ chain: [() => 'instead'], when }), breaker)

  await expect(guarded.execute(failing)).rejects.toBe(DOWN)
  await clock.advance(100)

  unsubscribe()
  expect(await guarded.execute(answering)).toBe('up')
  expect(breaker).toBeClosed()
})
