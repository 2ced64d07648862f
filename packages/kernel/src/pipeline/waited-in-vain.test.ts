import { Bulkhead, CircuitBreaker, consecutiveFailures, Hedge, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { guard } from '../guard.js'
import type { Policy } from '../policy.js'
import { pipeline } from './pipeline.js'

const never = (): Promise<never> => new Promise(() => undefined)

/** A breaker, what stands between, and a time limit around a queue whose only slot is taken for ever. */
async function timedOutInQueue(
  between: (clock: SimClock) => Policy,
  way: 'execute' | 'outcome',
): Promise<{ code: unknown; state: string; failures: number }> {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), clock })
  const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
  void bulkhead.execute(never)
  const stack = pipeline(breaker, between(clock), new Timeout({ timeoutMs: 50, clock }), bulkhead)

  const ended = stack[way](never).catch((error: unknown) => ({ error }))
  await clock.advance(100)

  const { error } = (await ended) as { error?: { code?: unknown } }
  return { code: error?.code, state: breaker.state, failures: breaker.snapshot().failures }
}

describe('a call whose time is over while it waits for a slot further inside', () => {
  it.each<[string, (clock: SimClock) => Policy]>([
    ['a guard', () => guard({ enter: () => undefined, exit: () => undefined })],
    ['another breaker', (clock) => new CircuitBreaker({ clock })],
    ['a hedge', (clock) => new Hedge({ delayMs: 1_000, clock })],
    ['another time limit', (clock) => new Timeout({ timeoutMs: 1_000, clock })],
  ])('is no failure for a breaker around %s', async (_name, between) => {
    const expected = { code: 'ERR_TIMEOUT', state: 'closed', failures: 0 }

    expect(await timedOutInQueue(between, 'outcome')).toEqual(expected)
    expect(await timedOutInQueue(between, 'execute')).toEqual(expected)
  })
})
