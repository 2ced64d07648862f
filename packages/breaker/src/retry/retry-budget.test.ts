import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Retry } from './retry.js'
import { RetryBudget } from './retry-budget.js'

const down = (): never => {
  throw new Error('down')
}

async function failCalls(clock: SimClock, retry: Retry, calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) void retry.outcome(down)
  await clock.flush()
}

const withBudget = (clock: SimClock, budget: RetryBudget): Retry =>
  new Retry({ maxRetries: 3, backoff: constant({ ms: 0 }), budget, clock })

describe('a retry budget', () => {
  it('R5: allows a share of the calls', async () => {
    const clock = new SimClock()
    const budget = new RetryBudget({ percent: 20, minPerSecond: 0 })

    await failCalls(clock, withBudget(clock, budget), 100)

    expect(budget.snapshot()).toEqual({ calls: 100, retries: 20 })
  })

  it('R5: allows a few in any case', async () => {
    const clock = new SimClock()
    const budget = new RetryBudget({ percent: 0, minPerSecond: 3, windowMs: 1_000 })

    await failCalls(clock, withBudget(clock, budget), 100)

    expect(budget.snapshot().retries).toBe(3)
  })

  it('R5: is one for all policies that share it', async () => {
    const clock = new SimClock()
    const budget = new RetryBudget({ percent: 10, minPerSecond: 0 })
    const [reads, writes] = [withBudget(clock, budget), withBudget(clock, budget)]

    await failCalls(clock, reads, 50)
    await failCalls(clock, writes, 50)

    expect(reads.counts.attempts + writes.counts.attempts).toBe(10)
    expect(budget.snapshot()).toEqual({ calls: 100, retries: 10 })
  })

  it('fills again as its window moves on', async () => {
    const clock = new SimClock()
    const budget = new RetryBudget({ percent: 0, minPerSecond: 1, windowMs: 1_000 })
    const retry = withBudget(clock, budget)

    await failCalls(clock, retry, 5)
    await clock.advance(2_000)
    await failCalls(clock, retry, 5)

    expect(retry.counts.attempts).toBe(2)
  })

  it('is not charged for calls that never started', async () => {
    const budget = new RetryBudget()
    const retry = new Retry({ budget })

    await retry.outcome(down, { budgetMs: 0 })
    await retry.outcome(down, { signal: AbortSignal.abort() })

    expect(budget.snapshot()).toEqual({ calls: 0, retries: 0 })
  })

  it('R5: three tiers that retry add up to 1.2³ at most', async () => {
    const clock = new SimClock()
    const tier = (): Retry => withBudget(clock, new RetryBudget({ percent: 20, minPerSecond: 0 }))
    const [edge, middle, inner] = [tier(), tier(), tier()]
    let reached = 0
    const backend = (): never => {
      reached++
      throw new Error('down')
    }

    for (let call = 0; call < 1_000; call++)
      void edge.outcome(() => middle.execute(() => inner.execute(backend)))
    await clock.advance(1)

    expect(reached).toBeLessThanOrEqual(1_728)
    expect(reached).toBeGreaterThan(1_700)
  })

  it.each<[object, string]>([
    [{ percent: -1 }, 'percent'],
    [{ percent: 1_001 }, 'percent'],
    [{ minPerSecond: NaN }, 'minPerSecond'],
    [{ windowMs: 15 }, 'windowMs'],
    [{ windowMs: 5 }, 'windowMs'],
    [{ percnt: 5 }, 'percnt'],
  ])('refuses %o', (options, path) => {
    const issues = [expect.objectContaining({ path }) as object]

    expect(() => new RetryBudget(options)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTIONS', issues }) as Error,
    )
  })
})

describe('the options of a retry', () => {
  it.each<[object, string[]]>([
    [{ maxRetries: -1 }, ['maxRetries']],
    [{ maxRetries: 1.5 }, ['maxRetries']],
    [{ maxRetries: 1_001 }, ['maxRetries']],
    [{ backoff: { delayMs: 5 } }, ['backoff']],
    [{ budget: {} }, ['budget']],
    [{ retryIf: true, retryOnResult: 1 }, ['retryIf', 'retryOnResult']],
    [{ maxRetryAfterMs: -1, retryAfter: 'yes' }, ['maxRetryAfterMs', 'retryAfter']],
    [{ retries: 3 }, ['retries']],
  ])('%o: every fault in one error', (options, paths) => {
    let found: string[] = []
    try {
      new Retry(options)
    } catch (error) {
      found = (error as { issues: { path: string }[] }).issues.map(({ path }) => path)
    }

    expect(found.sort()).toEqual(paths.sort())
  })
})
