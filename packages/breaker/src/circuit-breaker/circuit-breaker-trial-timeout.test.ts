import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { consecutiveFailures } from './trip-rules.js'

const never = (): Promise<never> => new Promise(() => {})

async function halfOpenWithTrial(
  probes: CircuitBreakerOptions['probes'],
  timeoutMs: number,
): Promise<{ clock: SimClock; breaker: CircuitBreaker }> {
  const clock = new SimClock()
  const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), openMs: 500, probes, clock })
  const guarded = pipeline(breaker, new Timeout({ timeoutMs }))
  await guarded.outcome(() => Promise.reject(new Error('down')))
  await clock.advance(500)
  void guarded.outcome(never)
  expect(breaker.state).toBe('half-open')
  return { clock, breaker }
}

describe('a trial that times out', () => {
  test.each([
    ['the default lease and a shorter timeout', undefined, 150],
    ['the default lease and a longer timeout', undefined, 20_000],
    ['a lease as long as the timeout', { limit: 1, leaseMs: 150 }, 150],
    ['a longer lease', { limit: 1, leaseMs: 400 }, 150],
  ])('opens the breaker again, with %s', async (_, probes, timeoutMs) => {
    const { clock, breaker } = await halfOpenWithTrial(probes, timeoutMs)

    await clock.advance(timeoutMs)

    expect(breaker.state).toBe('open')
  })

  test('has no say any more after a lease that was set shorter than the timeout', async () => {
    const { clock, breaker } = await halfOpenWithTrial({ limit: 1, leaseMs: 100 }, 150)

    await clock.advance(150)

    expect(breaker.state).toBe('half-open')
  })
})

describe('a trial that takes longer than its lease', () => {
  async function stateAfterGoodTrials(probes?: CircuitBreakerOptions['probes']): Promise<string> {
    const clock = new SimClock()
    const options = { trip: consecutiveFailures(1), openMs: 500, clock } as const
    const breaker = new CircuitBreaker({ ...options, ...(probes === undefined ? {} : { probes }) })
    const slow = (): Promise<void> => new Promise((resolve) => clock.io(clock.now() + 12_000, resolve))
    await breaker.outcome(() => Promise.reject(new Error('down')))
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000)
      void breaker.outcome(slow)
    }
    return breaker.state
  }

  test('B6: closes the breaker in the end, where nobody has said how long a trial may take', async () => {
    expect(await stateAfterGoodTrials()).toBe('closed')
    expect(await stateAfterGoodTrials({ limit: 1 })).toBe('closed')
  })

  test('decides nothing where the lease was set', async () => {
    expect(await stateAfterGoodTrials({ leaseMs: 11_000 })).toBe('half-open')
  })
})
