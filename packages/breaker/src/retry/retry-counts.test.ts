import type { CallOptions, Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Retry } from './retry.js'
import { RetryBudget } from './retry-budget.js'
import { down, every, never, watch } from './watched-retry.model.js'

describe('what a retry tells and counts', () => {
  it('tells each further attempt before it waits, and the end of its patience', async () => {
    const clock = new SimClock()
    const retry = new Retry({ maxRetries: 2, backoff: constant({ ms: 10 }), clock })
    const events: unknown[] = []
    retry.on('retry', ({ attempt, delayMs, at, outcome }) =>
      events.push([attempt, delayMs, at, outcome.kind]),
    )
    retry.on('exhausted', ({ attempts, reason }) => events.push([attempts, reason]))

    await watch(clock, retry)

    expect(events).toEqual([
      [2, 10, 0, 'failure'],
      [3, 10, 10, 'failure'],
      [3, 'attempts'],
    ])
  })

  it.each<[string, (clock: SimClock) => [Retry, Policy, CallOptions?], string]>([
    [
      'attempts',
      (clock) => {
        const retry = every(1, clock, { maxRetries: 0 })
        return [retry, retry]
      },
      'attempts',
    ],
    [
      'time',
      (clock) => {
        const retry = every(60, clock)
        return [retry, retry, { budgetMs: 50 }]
      },
      'time',
    ],
    [
      'the time that the error asks for',
      (clock) => {
        const retry = every(1, clock, { maxRetryAfterMs: 0 })
        return [retry, retry]
      },
      'time',
    ],
    [
      'budget',
      (clock) => {
        const retry = every(1, clock, { budget: new RetryBudget({ percent: 0, minPerSecond: 0 }) })
        return [retry, retry]
      },
      'budget',
    ],
  ])('says that it ran out of %s', async (_name, make, reason) => {
    const clock = new SimClock()
    const [retry, policy, options] = make(clock)
    const reasons: string[] = []
    retry.on('exhausted', (event) => reasons.push(event.reason))
    const busy = (): never => {
      throw Object.assign(new Error('busy'), { retryAfterMs: 1 })
    }

    await watch(clock, policy, busy, options)

    expect(reasons).toEqual([reason])
  })

  it.each<[string, (attempt: number) => unknown, CallOptions | undefined, object]>([
    ['no retry was needed', () => 1, undefined, { attempts: 0, success: 0, failure: 0, exhausted: 0 }],
    [
      'one saved the call',
      (attempt) => (attempt === 1 ? down() : 1),
      undefined,
      { attempts: 1, success: 1, failure: 0, exhausted: 0 },
    ],
    ['all were used up', down, undefined, { attempts: 2, success: 0, failure: 0, exhausted: 1 }],
    [
      'the second failed for good',
      (attempt) => {
        throw Object.assign(new Error('x'), { final: attempt === 2 })
      },
      undefined,
      { attempts: 1, success: 0, failure: 1, exhausted: 0 },
    ],
    [
      'the time was over during the second',
      (attempt) => (attempt === 1 ? down() : never()),
      { budgetMs: 50 },
      { attempts: 1, success: 0, failure: 1, exhausted: 0 },
    ],
    [
      'no time was left for a third',
      down,
      { budgetMs: 15 },
      { attempts: 1, success: 0, failure: 0, exhausted: 1 },
    ],
    [
      'the first took the whole time',
      never,
      { budgetMs: 50 },
      { attempts: 0, success: 0, failure: 0, exhausted: 0 },
    ],
  ])('counts a call for which %s', async (_name, work, options, expected) => {
    const clock = new SimClock()
    const retryIf = (error: unknown): boolean => (error as { final?: boolean }).final !== true
    const retry = new Retry({ maxRetries: 2, backoff: constant({ ms: 10 }), retryIf, clock })
    // A call before, which gave up, must leave no trace.
    await watch(clock, retry, never, { budgetMs: 1 })
    let attempt = 0

    await watch(clock, retry, () => work(++attempt), options)

    expect(retry.counts).toEqual(expected)
  })

  it('counts right though another call gives up meanwhile', async () => {
    const clock = new SimClock()
    const retry = new Retry({ maxRetries: 2, backoff: constant({ ms: 10 }), clock })
    clock.schedule(clock.now() + 20, () => void retry.outcome(down, { budgetMs: 1 }))

    await watch(clock, retry, () => (clock.now() === 0 ? down() : never()), { budgetMs: 50 })

    expect(retry.counts).toEqual({ attempts: 1, success: 0, failure: 1, exhausted: 0 })
  })

  it('counts right though a listener makes another call give up', async () => {
    const clock = new SimClock()
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 10 }), clock })
    let nested = 0
    retry.on('exhausted', () => {
      if (nested++ === 0) void retry.outcome(() => 'fine at once')
    })

    await watch(clock, retry)

    expect(retry.counts).toEqual({ attempts: 1, success: 0, failure: 0, exhausted: 1 })
  })

  it('counts a call as saved whoever else gave up meanwhile and was aborted by a listener who heard of it', async () => {
    const clock = new SimClock()
    const retry = every(10, clock, { maxRetries: 1 })
    const caller = new AbortController()
    retry.on('exhausted', () => caller.abort())

    const gaveUp = retry.outcome(down, { signal: caller.signal })
    const saved = retry.outcome(({ attempt }) =>
      attempt === 1 ? down() : new Promise((resolve) => clock.io(clock.now() + 5, () => resolve('up'))),
    )
    await clock.advance(100)

    expect([(await gaveUp).kind, (await saved).kind]).toEqual(['cancelled', 'success'])
    expect(retry.counts).toEqual({ attempts: 2, success: 1, failure: 0, exhausted: 0 })
  })
})
