import {
  createRuntime,
  defaultRuntime,
  InvalidOptionsError,
  onInternalError,
  pipeline,
} from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import type { Backoff } from '../backoff/backoff.js'
import { end, failing, setUp, times } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { consecutiveFailures, countRate, errorRate, slowCalls } from './trip-rules.js'

function issuesOf(options: unknown): string[] {
  try {
    new CircuitBreaker(options as CircuitBreakerOptions)
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.issues.map(({ path }) => path)
    throw error
  }
  return []
}

describe('the options of a circuit breaker', () => {
  it.each([
    [null, ['']],
    ['fast', ['']],
    [{ opneMs: 5 }, ['opneMs']],
    [{ trip: 'errorRate' }, ['trip']],
    [{ trip: errorRate }, ['trip']],
    [{ trip: { kind: 'error-rate', percent: 50 } }, ['trip']],
    [{ trip: Object.freeze({ kind: 'error' }) }, ['trip']],
    [{ trip: [] }, ['trip']],
    [{ trip: [errorRate(), null] }, ['trip[1]']],
    [{ trip: times(21, errorRate()) }, ['trip']],
    [{ trip: [consecutiveFailures(1), consecutiveFailures(2)] }, ['trip[1]']],
    [{ trip: [slowCalls({ slowerThanMs: 1 }), countRate(), slowCalls({ slowerThanMs: 2 })] }, ['trip[2]']],
    [{ openMs: -1 }, ['openMs']],
    [{ openMs: NaN }, ['openMs']],
    [{ openMs: Infinity }, ['openMs']],
    [{ openMs: 2 ** 31 }, ['openMs']],
    [{ openMs: '5s' }, ['openMs']],
    [{ openMs: { firstMs: 5 } }, ['openMs']],
    [{ openMs: null }, ['openMs']],
    [{ probes: 3 }, ['probes']],
    [
      { probes: { limit: 0, leaseMs: 0, closeAfter: 1.5 } },
      ['probes.limit', 'probes.leaseMs', 'probes.closeAfter'],
    ],
    [{ probes: { limit: 1_001 } }, ['probes.limit']],
    [{ probes: { lease: 5 } }, ['probes.lease']],
    [{ ramp: true }, ['ramp']],
    [{ ramp: { durationMs: 0 } }, ['ramp.durationMs']],
    [{ classify: 'all' }, ['classify']],
    [{ restore: {} }, ['restore']],
    [{ captureStack: 1 }, ['captureStack']],
    [{ name: 'x'.repeat(257) }, ['name']],
    [{ group: 5 }, ['group']],
    [{ runtime: {} }, ['runtime']],
    [{ clock: { now: () => 0 } }, ['clock']],
    [{ random: Math.random }, ['random']],
    [{ openMs: -1, ramp: 5, clock: 5 }, ['openMs', 'ramp', 'clock']],
  ])('are refused as a whole, with every fault: %o', (options, paths) => {
    expect(issuesOf(options).sort()).toEqual([...paths].sort())
  })

  it('are all optional, and undefined means the default', () => {
    const keys = [
      'trip',
      'openMs',
      'probes',
      'ramp',
      'classify',
      'restore',
      'name',
      'clock',
      'random',
    ] as const

    expect(issuesOf(undefined)).toEqual([])
    expect(issuesOf({})).toEqual([])
    expect(issuesOf(Object.fromEntries(keys.map((key) => [key, undefined])))).toEqual([])
  })

  it('have the documented defaults', () => {
    expect(pipeline(new CircuitBreaker()).describe()[0]?.options).toMatchObject({
      trip: [{ kind: 'error-rate', percent: 50, volume: 20, windowMs: 10_000, buckets: 10 }],
      open: { kind: 'exponential', firstMs: 5_000, maxMs: 60_000, factor: 2, jitter: 'equal' },
      probeLimit: 3,
      leaseMs: 10_000,
      closeAfter: 3,
      rampMs: 0,
    })
  })

  it('take 0 as an open time, and -0 as 0', () => {
    for (const openMs of [0, -0]) {
      const { breaker } = setUp({ openMs })
      end(breaker, 'failure')
      expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 0 })
      end(breaker, 'success')
      expect(breaker.state).toBe('closed')
    }
  })

  it('are copied: what happens to the given object later changes nothing', () => {
    const options = { ...{ trip: [consecutiveFailures(1)], probes: { limit: 1 } }, openMs: 50 }
    const text = JSON.stringify(options)
    const { clock, breaker } = setUp(options)
    expect(JSON.stringify(options)).toBe(text)

    options.trip.length = 0
    options.probes.limit = 0
    options.openMs = -1
    breaker.update({ ramp: false })
    end(breaker, 'failure')
    clock.stall(50)
    end(breaker, 'success')

    expect(breaker.state).toBe('closed')
  })

  it('register a named breaker, in the runtime of the process unless another is given', () => {
    using runtime = createRuntime()
    const elsewhere = new CircuitBreaker({ name: 'here', runtime })
    const usual = new CircuitBreaker({ name: 'users of everybody' })
    const nameless = new CircuitBreaker({ runtime })
    const names = (): string[] => [...defaultRuntime().instruments()].map(({ name }) => name)

    expect([...runtime.instruments()].map(({ name }) => name)).toEqual(['here'])
    expect([elsewhere.name, nameless.name]).toEqual(['here', undefined])
    expect(names()).toContain('users of everybody')
    usual.dispose()
    expect(names()).not.toContain('users of everybody')
  })
})

describe('a back-off of the user', () => {
  it('may be any object of that shape, with its own `this`', () => {
    class Fibonacci implements Backoff {
      readonly kind = 'fibonacci'
      private readonly numbers = [100, 200, 300, 500]
      delayMs(step: number): number {
        return this.numbers[step - 1] ?? 800
      }
    }
    const { clock, breaker } = setUp({ openMs: new Fibonacci() })

    const waits = times(5, 0).map(() => {
      end(breaker, 'failure')
      const { retryAfterMs } = breaker.snapshot()
      clock.stall(retryAfterMs)
      return retryAfterMs
    })

    expect(waits).toEqual([100, 200, 300, 500, 800])
  })

  it('opens for five seconds and is reported when it throws, or answers no duration', async () => {
    const reports: string[] = []
    const unsubscribe = onInternalError((_, where) => reports.push(where))
    const faults: (() => number)[] = [
      () => {
        throw new Error('no idea')
      },
      () => NaN,
      () => -1,
      () => 'long' as unknown as number,
      () => undefined as unknown as number,
    ]

    for (const delayMs of faults) {
      const { breaker } = setUp({ openMs: { kind: 'mine', delayMs } })
      expect(await breaker.outcome(failing)).toMatchObject({ kind: 'failure' })
      expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 5_000 })
    }

    unsubscribe()
    expect(reports).toEqual(times(5, 'openMs'))
  })

  it('cannot keep a breaker open for ever', () => {
    const { breaker } = setUp({ openMs: { kind: 'mine', delayMs: () => Infinity } })

    end(breaker, 'failure')

    expect(breaker.snapshot().retryAfterMs).toBe(2 ** 31 - 1)
  })
})
