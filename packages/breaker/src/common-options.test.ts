import { describe, expect, it } from 'vitest'
import { AdaptiveLimiter, Bulkhead, CircuitBreaker, RateLimiter } from './index.js'

/** The same options by getters, which answer something else from the second time on. */
function readOnce<T extends object>(values: T): T {
  const options = {}
  for (const [key, value] of Object.entries(values) as [string, unknown][]) {
    let answer = value
    const get = (): unknown => {
      const given = answer
      answer = Symbol('something else')
      return given
    }
    Object.defineProperty(options, key, { enumerable: true, get })
  }
  return options as T
}

const cannotBeRead = {
  get limit(): number {
    throw new Error('no')
  },
}

describe('options that an update goes on from', () => {
  it.each<[string, () => void]>([
    [
      'a circuit breaker',
      () => {
        const breaker = new CircuitBreaker(readOnce({ openMs: 5, probes: readOnce({ limit: 1 }) }))
        breaker.update(readOnce({ ramp: readOnce({ durationMs: 10 }) }))
        breaker.update({ captureStack: true })
      },
    ],
    [
      'a bulkhead',
      () => {
        const bulkhead = new Bulkhead(readOnce({ limit: 5, queue: readOnce({ limit: 1 }) }))
        bulkhead.update(readOnce({ queue: readOnce({ limit: 2 }) }))
        bulkhead.update({ limit: 6 })
      },
    ],
    [
      'a rate limiter',
      () => {
        const limiter = new RateLimiter(readOnce({ rate: 5, warmUp: readOnce({ durationMs: 10 }) }))
        limiter.update(readOnce({ queue: readOnce({ limit: 2 }) }))
        limiter.update({ rate: 6 })
      },
    ],
    [
      'an adaptive limiter',
      () => {
        const limiter = new AdaptiveLimiter(readOnce({ max: 50, queue: readOnce({ limit: 1 }) }))
        limiter.update(readOnce({ queue: readOnce({ limit: 2 }) }))
        limiter.update({ max: 60 })
      },
    ],
  ])('K5: of %s are read once, each', (_, use) => {
    expect(use).not.toThrow()
  })

  it.each<[string, string, () => unknown]>([
    ['a circuit breaker', 'probes.limit', () => new CircuitBreaker({ probes: cannotBeRead })],
    ['one of Hystrix', 'probes.limit', () => new CircuitBreaker({ compat: 'hystrix', probes: cannotBeRead })],
    ['a bulkhead', 'limit', () => new Bulkhead(cannotBeRead)],
    ['an update', 'queue.limit', () => new Bulkhead().update({ queue: cannotBeRead })],
  ])('K6: of %s are refused by their path when they cannot be read', (_, path, make) => {
    expect(make).toThrow(expect.objectContaining({ issues: [expect.objectContaining({ path })] }))
  })
})
