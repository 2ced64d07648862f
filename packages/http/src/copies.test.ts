// A program and a library of it may load the packages twice, as ES modules and as CommonJS. What one copy made, the other takes.
import { CircuitBreaker } from '@breakwater/breaker'
import { describe, expect, it, vi } from 'vitest'
import { createHttpClient } from './http-client.js'

vi.resetModules()
const theirs = await import('@breakwater/breaker')

const POLICIES = {
  breaker: () => new theirs.CircuitBreaker(),
  bulkhead: () => new theirs.Bulkhead(),
  'adaptive bulkhead': () => new theirs.AdaptiveLimiter(),
  rate: () => new theirs.RateLimiter({ rate: 5 }),
} as const
const CASES = Object.entries(POLICIES)

const clientWith = (kind: string, policy: unknown): (() => Promise<void>) => {
  const service = { instances: ['http://127.0.0.1:9'], [kind.split(' ').at(-1) ?? '']: policy }
  const client = createHttpClient({ services: { users: service } })
  return () => client.close()
}

describe('a client', () => {
  it.each(CASES)('shares a %s of the other copy of the library', async (kind, make) => {
    expect(theirs.CircuitBreaker).not.toBe(CircuitBreaker)

    await clientWith(kind, make())()
  })

  it('refuses one in the place of another', () => {
    expect(() => clientWith('breaker', new theirs.Bulkhead())).toThrow('options, a CircuitBreaker, or false')
    expect(() => clientWith('bulkhead', new theirs.CircuitBreaker())).toThrow(
      'options, a Bulkhead, an AdaptiveLimiter, or false',
    )
  })
})
