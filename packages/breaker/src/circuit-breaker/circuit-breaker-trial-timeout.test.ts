import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { consecutiveFailures, errorRate, slowCalls } from './trip-rules.js'

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
  const DOWN = (): Promise<never> => Promise.reject(new Error('down'))
  const own: CircuitBreakerOptions = { trip: consecutiveFailures(1), openMs: 500 }
  const hystrix: CircuitBreakerOptions = { trip: errorRate({ volume: 1 }), openMs: 500, compat: 'hystrix' }

  /** To which states a breaker goes that trips, and whose calls, one each second, end after twelve. */
  async function statesOf(options: CircuitBreakerOptions, end: () => unknown): Promise<string[]> {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ ...options, clock })
    const states: string[] = []
    breaker.on('transition', ({ to }) => states.push(to))
    const slow = async (): Promise<void> => {
      await new Promise<void>((resolve) => clock.io(clock.now() + 12_000, resolve))
      await end()
    }
    await breaker.outcome(DOWN)
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000)
      void breaker.outcome(slow)
    }
    return states
  }

  test.each([
    ['an own breaker', own],
    ['one with a single trial', { ...own, probes: { limit: 1 } }],
    ['one with the states of Hystrix', hystrix],
  ])('B6: closes %s in the end, where nobody has said how long a trial may take', async (_, options) => {
    expect(await statesOf(options, () => {})).toEqual(['open', 'half-open', 'closed'])
  })

  test.each([
    ['an own breaker', own],
    ['one with the states of Hystrix', hystrix],
  ])('decides nothing in %s where the lease was set', async (_, options) => {
    const states = await statesOf({ ...options, probes: { leaseMs: 11_000 } }, () => {})

    expect(states).toEqual(['open', 'half-open'])
  })

  test.each([
    ['an own breaker', own],
    ['one with the states of Hystrix', hystrix],
  ])('makes no lease of %s longer by a failure', async (_, options) => {
    expect(await statesOf(options, DOWN)).toEqual(['open', 'half-open'])
  })

  test('and was slow lets those after it be heard', async () => {
    const trip = [consecutiveFailures(1), slowCalls({ slowerThanMs: 11_000 })]
    const states = await statesOf({ ...own, trip }, () => {})

    expect(states.slice(0, 4)).toEqual(['open', 'half-open', 'open', 'half-open'])
  })

  test('changes nothing in one with the states of Hystrix that has closed', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ ...hystrix, clock })
    const slow = (): Promise<void> => new Promise((resolve) => clock.io(clock.now() + 12_000, resolve))
    await breaker.outcome(DOWN)
    // It has heard of that when the bucket is over, and opens at the next call.
    await clock.advance(1_000)
    await breaker.outcome(DOWN)
    await clock.advance(1_000)
    const late = breaker.outcome(slow)
    const before = breaker.state
    await clock.advance(10_000)
    await breaker.execute(() => 1)
    await clock.advance(2_000)

    expect([before, (await late).kind, breaker.state]).toEqual(['half-open', 'success', 'closed'])
  })
})
