// A program and a library of it may load the packages twice, as ES modules and as CommonJS. What one copy made, the other takes.
import { pipeline } from '@breakwater/kernel'
import { describe, expect, it, vi } from 'vitest'
import * as ours from './index.js'

vi.resetModules()
const theirs = await import('./index.js')

type Copy = typeof ours

const MAKERS = {
  CircuitBreaker: ({ CircuitBreaker }: Copy) => new CircuitBreaker(),
  Bulkhead: ({ Bulkhead }: Copy) => new Bulkhead(),
  AdaptiveLimiter: ({ AdaptiveLimiter }: Copy) => new AdaptiveLimiter(),
  RateLimiter: ({ RateLimiter }: Copy) => new RateLimiter({ rate: 5 }),
  Retry: ({ Retry }: Copy) => new Retry(),
  Hedge: ({ Hedge }: Copy) => new Hedge({ delayMs: 1_000 }),
  Timeout: ({ Timeout }: Copy) => new Timeout({ timeoutMs: 1_000 }),
} as const
const KINDS = Object.keys(MAKERS) as (keyof typeof MAKERS)[]
const PAIRS = KINDS.flatMap((outer) => KINDS.map((inner) => [outer, inner] as const))

async function answerOf(
  outer: keyof typeof MAKERS,
  inner: keyof typeof MAKERS,
  other: Copy,
): Promise<string> {
  try {
    return await pipeline(MAKERS[outer](ours), MAKERS[inner](other)).execute(() => 'answer')
  } catch (error) {
    return (error as Error).message
  }
}

describe('two copies of the library in one process', () => {
  it.each(PAIRS)('compose %s and %s as one copy does', async (outer, inner) => {
    expect(theirs.CircuitBreaker).not.toBe(ours.CircuitBreaker)

    expect(await answerOf(outer, inner, theirs)).toBe(await answerOf(outer, inner, ours))
  })

  it('share the budget of retries and hedges', async () => {
    const budget = new theirs.RetryBudget({ percent: 0, minPerSecond: 1 })
    const [retry, hedge] = [new ours.Retry({ budget }), new ours.Hedge({ budget, delayMs: 1_000 })]

    await retry.execute(() => 'answer')
    await hedge.execute(() => 'answer')

    expect(budget.snapshot()).toEqual({ calls: 2, retries: 0 })
    expect(() => new ours.Retry({ budget: new theirs.Retry() as never })).toThrow(
      'an instance of RetryBudget',
    )
  })

  it('know the permits of each other', () => {
    const permit = new theirs.CircuitBreaker().tryAcquire()
    const limitPermit = new theirs.AdaptiveLimiter().tryAcquire()
    const budget = new theirs.RetryBudget()

    const known = (value: unknown): boolean[] =>
      [ours.Permit, ours.LimitPermit, ours.RetryBudget].map((type) => value instanceof type)
    expect([permit, limitPermit, budget].map(known)).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ])
  })

  it('take nothing else for a permit', () => {
    class Special extends ours.Permit {}
    const unreadable = new Proxy({}, { get: () => expect.unreachable() })
    const alike = { constructor: { kind: ours.Permit.kind }, settle: () => {} }

    const values = [undefined, null, 7, {}, Object.create(null), unreadable, alike]
    expect(values.filter((value) => value instanceof ours.Permit)).toEqual([])
    expect(new ours.CircuitBreaker().tryAcquire() instanceof Special).toBe(false)
  })
})
