import { createRuntime } from '@breakwater/kernel'
import type { BreakerReading } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { exponential } from '../backoff/backoff.js'
import { acquire, admits, end, TOUCHY } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { consecutiveFailures, countRate, errorRate, slowCalls } from './trip-rules.js'

function setUp(options: CircuitBreakerOptions = {}): {
  clock: SimClock
  breaker: CircuitBreaker
  read: () => BreakerReading
} {
  const runtime = createRuntime()
  const clock = new SimClock({ epochMs: 1_000_000 })
  const breaker = new CircuitBreaker({ ...TOUCHY, name: 'users', group: 'edge', clock, runtime, ...options })
  const [instrument] = runtime.instruments()
  if (instrument?.kind !== 'breaker') throw new Error('no instrument')
  expect(instrument).toMatchObject({ name: 'users', group: 'edge' })
  return { clock, breaker, read: () => instrument.read() }
}

describe('the instrument of a named breaker', () => {
  it('shows a breaker that never tripped', () => {
    const { clock, breaker, read } = setUp({ trip: errorRate({ percent: 25, volume: 8 }) })
    end(breaker, 'success', 'success', 'success', 'failure')
    clock.stall(30)

    expect(read()).toEqual({
      state: 'closed',
      stateMs: {
        closed: 30,
        open: 0,
        'half-open': 0,
        'forced-open': 0,
        'forced-closed': 0,
        disabled: 0,
        'metrics-only': 0,
      },
      transitions: [],
      lastTransitionAt: undefined,
      window: { requests: 4, errorRatio: 0.25 },
      errorThresholdRatio: 0.25,
      requestVolumeThreshold: 8,
      openMs: 1_000,
      probes: { success: 0, failure: 0, timeout: 0, rejected: 0, cancelled: 0, ignored: 0 },
      rejections: 0,
    })
  })

  it('counts transitions by edge, and the time in each state', () => {
    const { clock, breaker, read } = setUp()
    end(breaker, 'failure')
    for (let trials = 0; trials < 2; trials++) {
      clock.stall(1_000)
      end(breaker, 'failure')
    }
    clock.stall(1_000)
    const trial = acquire(breaker)
    clock.stall(70)
    trial.settle('success')
    clock.stall(5)

    const { transitions, stateMs, lastTransitionAt, state } = read()

    expect(state).toBe('closed')
    expect(transitions).toEqual([
      { from: 'closed', to: 'open', count: 1 },
      { from: 'open', to: 'half-open', count: 3 },
      { from: 'half-open', to: 'open', count: 2 },
      { from: 'half-open', to: 'closed', count: 1 },
    ])
    expect(stateMs).toMatchObject({ closed: 5, open: 3_000, 'half-open': 70 })
    expect(lastTransitionAt).toBe(1_003_070)
  })

  it('counts trials by how they ended, but not those whose lease was over', () => {
    const { clock, breaker, read } = setUp({ probes: { limit: 1, leaseMs: 100, closeAfter: 2 } })
    end(breaker, 'failure')
    clock.stall(1_000)
    end(breaker, 'success', 'cancelled', 'rejected', 'ignored')
    const lost = acquire(breaker)
    clock.stall(100)
    lost.settle('failure')
    end(breaker, 'timeout')

    expect(read().probes).toEqual({
      success: 1,
      failure: 0,
      timeout: 1,
      rejected: 1,
      cancelled: 1,
      ignored: 1,
    })
  })

  it('counts refusals', () => {
    const { breaker, read } = setUp()
    end(breaker, 'failure')
    admits(breaker)
    admits(breaker)

    expect(read().rejections).toBe(2)
  })

  it('shows the numbers of the first rule that has such numbers', () => {
    const readings = [
      setUp({ trip: [consecutiveFailures(1), countRate({ percent: 75, volume: 3 })] }),
      setUp({ trip: consecutiveFailures(1) }),
    ].map(({ read }) => read())

    expect(readings.map(({ errorThresholdRatio }) => errorThresholdRatio)).toEqual([0.75, undefined])
    expect(readings.map(({ requestVolumeThreshold }) => requestVolumeThreshold)).toEqual([3, undefined])
  })

  it('shows the calls by which the rule of these numbers judges', () => {
    const rules = [
      countRate({ percent: 80, size: 2, volume: 2 }),
      [slowCalls({ slowerThanMs: 50, windowMs: 1_000 }), errorRate({ windowMs: 60_000 })],
      errorRate({ windowMs: 1_000 }),
    ]

    const windows = rules.map((trip) => {
      const { clock, breaker, read } = setUp({ trip })
      end(breaker, 'success', 'success', 'success', 'failure')
      clock.stall(5_000)
      return read().window
    })

    expect(windows).toEqual([
      { requests: 2, errorRatio: 0.5 },
      { requests: 4, errorRatio: 0.25 },
      { requests: 0, errorRatio: 0 },
    ])
  })

  it('shows the open time that a first trip gets at most', () => {
    const jittered = setUp({ openMs: exponential({ firstMs: 5_000, maxMs: 60_000, jitter: 'full' }) })

    expect(jittered.read().openMs).toBeCloseTo(5_000, 6)
  })

  it('gives readings that later calls do not change', () => {
    const { breaker, read } = setUp()
    end(breaker, 'failure')
    const before = read()
    const text = JSON.stringify(before)

    breaker.reset()
    end(breaker, 'failure')

    expect(JSON.stringify(before)).toBe(text)
    expect(read().transitions).toContainEqual({ from: 'closed', to: 'open', count: 2 })
  })

  it('shows the options in force after an update', () => {
    const { breaker, read } = setUp()

    breaker.update({ trip: errorRate({ percent: 10, volume: 7 }), openMs: 250 })

    expect(read()).toMatchObject({ errorThresholdRatio: 0.1, requestVolumeThreshold: 7, openMs: 250 })
  })
})
