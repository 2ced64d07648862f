import { InvalidOptionsError, pipeline } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { constant, exponential } from '../backoff/backoff.js'
import { CircuitBreaker } from './circuit-breaker.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import type { Compat } from './core/line.js'
import { consecutiveFailures, errorRate, slowCalls } from './trip-rules.js'

const VERSIONS: readonly Compat[] = ['hystrix-1.5.18', 'hystrix-1.5.13']

function issuesOf(act: () => unknown): { path: string; expected: string }[] {
  try {
    act()
  } catch (error) {
    if (error instanceof InvalidOptionsError)
      return error.issues.map(({ path, expected }) => ({ path, expected }))
    throw error
  }
  return []
}

describe.each(VERSIONS)('the options beside compat %s', (compat) => {
  it('have the defaults of Hystrix', () => {
    const breaker = new CircuitBreaker({ compat })

    expect(pipeline(breaker).describe()[0]?.options).toEqual({
      compat,
      percent: 50,
      volume: 20,
      windowMs: 10_000,
      buckets: 20,
      sleepMs: 5_000,
    })
  })

  it.each<[CircuitBreakerOptions, string[]]>([
    [{ probes: { limit: 1 } }, ['probes']],
    [{ ramp: { durationMs: 5 } }, ['ramp']],
    [{ openMs: exponential({ firstMs: 1, maxMs: 2 }) }, ['openMs']],
    [{ openMs: constant({ ms: 1 }) }, ['openMs']],
    [{ trip: consecutiveFailures(3) }, ['trip']],
    [{ trip: [errorRate(), slowCalls({ slowerThanMs: 5 })] }, ['trip']],
    [{ trip: [errorRate(), errorRate({ percent: 10 })] }, ['trip']],
    [{ trip: [], openMs: -1 }, ['trip', 'openMs']],
    [{ trip: consecutiveFailures(3), probes: {}, ramp: {} }, ['probes', 'ramp', 'trip']],
  ])('are refused where they make no sense, each once: %o', (options, paths) => {
    const issues = issuesOf(() => new CircuitBreaker({ ...options, compat }))

    expect(issues.map(({ path }) => path)).toEqual(paths)
  })

  it('are refused with both names', () => {
    const [issue] = issuesOf(() => new CircuitBreaker({ compat, ramp: {} }))

    expect(issue).toEqual({
      path: 'ramp',
      expected: `nothing beside compat: ${JSON.stringify(compat)}, which has no ramp`,
    })
  })

  it('may say what is so anyway', () => {
    const options = { ramp: false, probes: undefined, trip: [errorRate({ percent: 10 })], openMs: 0 } as const

    expect(issuesOf(() => new CircuitBreaker({ ...options, compat }))).toEqual([])
  })

  it('are checked again by an update, which changes all or nothing', () => {
    const breaker = new CircuitBreaker({ compat, openMs: 700 })
    const rules = (): unknown => pipeline(breaker).describe()[0]?.options

    expect(issuesOf(() => breaker.update({ ramp: {}, openMs: 5 })).map(({ path }) => path)).toEqual(['ramp'])
    expect(rules()).toMatchObject({ sleepMs: 700 })
    breaker.update({ openMs: 900 })
    expect(rules()).toMatchObject({ compat, sleepMs: 900 })
    breaker.update({ openMs: undefined })
    expect(rules()).toMatchObject({ sleepMs: 5_000 })
  })
})

describe('the options beside compat hystrix', () => {
  const compat = 'hystrix'

  it('have the defaults of Hystrix, and a lease', () => {
    expect(pipeline(new CircuitBreaker({ compat })).describe()[0]?.options).toEqual({
      ...{ compat, percent: 50, volume: 20, windowMs: 10_000, buckets: 20, sleepMs: 5_000 },
      lease: { leaseMs: 10_000, leaseFollowsTimeout: true },
    })
  })

  it.each<[CircuitBreakerOptions, string[]]>([
    [{ probes: { leaseMs: 5 } }, []],
    [{ probes: { limit: 1, closeAfter: 1 } }, []],
    [{ probes: { limit: 2 } }, ['probes.limit']],
    [{ probes: { limit: 0, closeAfter: 3 } }, ['probes.limit', 'probes.closeAfter']],
    [{ probes: { leaseMs: 0 } }, ['probes.leaseMs']],
    [{ ramp: {} }, ['ramp']],
    [{ openMs: constant({ ms: 1 }) }, ['openMs']],
    [{ trip: consecutiveFailures(3) }, ['trip']],
  ])('%o: %j is refused', (options, paths) => {
    expect(issuesOf(() => new CircuitBreaker({ ...options, compat })).map(({ path }) => path)).toEqual(paths)
  })

  it('say why there are no more trials', () => {
    const [issue] = issuesOf(() => new CircuitBreaker({ compat, probes: { limit: 3 } }))

    expect(issue?.expected).toBe('1 beside compat: "hystrix", which has one trial at a time')
  })

  it('change the lease with an update', () => {
    const breaker = new CircuitBreaker({ compat })
    breaker.update({ probes: { leaseMs: 70 } })

    expect(pipeline(breaker).describe()[0]?.options).toMatchObject({
      lease: { leaseMs: 70, leaseFollowsTimeout: false },
    })
  })
})

describe('compat', () => {
  it('names a version that there is', () => {
    const options = { compat: 'hystrix-1.5.12' } as unknown as CircuitBreakerOptions

    expect(issuesOf(() => new CircuitBreaker(options))).toEqual([
      { path: 'compat', expected: expect.stringContaining('"hystrix-1.5.18", "hystrix-1.5.13"') as string },
    ])
  })

  it('cannot be changed', () => {
    const options = { compat: 'hystrix-1.5.13' } as object

    expect(issuesOf(() => new CircuitBreaker().update(options)).map(({ path }) => path)).toEqual(['compat'])
  })

  it('is our own semantics when it is undefined', () => {
    const breaker = new CircuitBreaker({ compat: undefined, ramp: {} })

    expect(breaker.snapshot()).not.toHaveProperty('health')
  })
})
