import { createRuntime, pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { AdaptiveLimiter, Bulkhead, CircuitBreaker, Hedge, RateLimiter, Retry, Timeout } from './index.js'

const clock = new SimClock()
const place = { name: 'users', group: 'people', runtime: createRuntime(), clock }

const policies: Record<string, Policy> = {
  'a circuit breaker': new CircuitBreaker(place),
  'a bulkhead': new Bulkhead(place),
  'an adaptive limiter': new AdaptiveLimiter(place),
  'a rate limiter': new RateLimiter({ rate: 10, name: 'users', clock }),
  'a retry': new Retry({ name: 'users', clock }),
  'a hedge': new Hedge({ name: 'users', clock }),
  'a timeout': new Timeout({ timeoutMs: 100, name: 'users', clock }),
}

describe.each(Object.entries(policies))('what %s says of itself', (_, policy) => {
  const [description] = pipeline(policy).describe()

  it('is data that can be printed', () => {
    expect(JSON.parse(JSON.stringify(description))).toMatchObject({ name: 'users', options: {} })
  })

  it('holds its rules, frozen, and nothing of where it lives', () => {
    expect(Object.isFrozen(description?.options)).toBe(true)
    for (const key of ['name', 'group', 'runtime', 'clock', 'random'])
      expect(description?.options).not.toHaveProperty(key)
  })
})
