import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import type { CallOptions } from '../call.js'
import type { Policy } from '../policy.js'
import { deferred, errorOf, never } from './deferred.model.js'
import { after, endOf } from './ending.model.js'
import type { Ending } from './ending.model.js'
import { pipeline } from './pipeline.js'

describe('budgetMs', () => {
  it.each<[string, (clock: SimClock) => Policy, CallOptions, Ending]>([
    ['alone ends the call', () => pipeline(), { budgetMs: 50 }, { end: 'ERR_DEADLINE_EXCEEDED', at: 50 }],
    [
      'that is fractional is rounded up',
      () => pipeline(),
      { budgetMs: 49.2 },
      { end: 'ERR_DEADLINE_EXCEEDED', at: 50 },
    ],
    [
      'that is longer than the work does nothing',
      () => pipeline(),
      { budgetMs: 101 },
      { end: 'answer', at: 100 },
    ],
    ['Infinity is no limit', () => pipeline(), { budgetMs: Infinity }, { end: 'answer', at: 100 }],
    ['undefined is no limit', () => pipeline(), { budgetMs: undefined }, { end: 'answer', at: 100 }],
    [
      'shorter than the timeout wins',
      (clock) => new Timeout({ timeoutMs: 80, clock }),
      { budgetMs: 30 },
      { end: 'ERR_DEADLINE_EXCEEDED', at: 30 },
    ],
    [
      'longer than the timeout loses',
      (clock) => new Timeout({ timeoutMs: 80, clock }),
      { budgetMs: 90 },
      { end: 'ERR_TIMEOUT', at: 80 },
    ],
    [
      'shorter than the whole time wins',
      (clock) => pipeline(new Timeout({ timeoutMs: 80, clock }), new Retry({ clock })),
      { budgetMs: 30 },
      { end: 'ERR_DEADLINE_EXCEEDED', at: 30 },
    ],
    [
      'longer than the whole time loses',
      (clock) => pipeline(new Timeout({ timeoutMs: 80, clock }), new Retry({ clock })),
      { budgetMs: 90 },
      { end: 'ERR_TIMEOUT', at: 80 },
    ],
    [
      'holds for inner stretches',
      (clock) =>
        pipeline(
          new Bulkhead({ clock }),
          new CircuitBreaker({ clock }),
          new Timeout({ timeoutMs: 80, clock }),
        ),
      { budgetMs: 30 },
      { end: 'ERR_DEADLINE_EXCEEDED', at: 30 },
    ],
  ])('%s', async (_name, make, options, expected) => {
    const clock = new SimClock()
    const policy = pipeline(new Timeout({ timeoutMs: 9_000, clock }), make(clock))

    expect(await endOf(clock, policy.execute(after(clock, 100, 'answer'), options))).toEqual(expected)
  })

  it('T6: of 0 starts nothing', async () => {
    const work = vi.fn()
    const bulkhead = new Bulkhead({ limit: 1 })

    expect(await bulkhead.outcome(work, { budgetMs: 0 })).toMatchObject({
      kind: 'timeout',
      error: { code: 'ERR_DEADLINE_EXCEEDED', message: 'the budget of 0 ms for the whole call is used up' },
    })
    expect(work).not.toHaveBeenCalled()
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('T6: of 0 is answered by a fallback that answers at once, and the cause says why', async () => {
    const causes: unknown[] = []
    const fallback = new Fallback({
      chain: [({ kind, policy, attempt }) => causes.push([kind, policy, attempt])],
    })

    expect(await fallback.execute(() => 'work', { budgetMs: 0 })).toBe(1)
    expect(causes).toEqual([['timeout', 'deadline', 1]])
  })

  it('that is as long as the whole time counts as used up', async () => {
    const clock = new SimClock()
    const stack = pipeline(new Timeout({ timeoutMs: 80, clock }), new Retry({ clock }))

    expect(await endOf(clock, stack.execute(never, { budgetMs: 80 }))).toEqual({
      end: 'ERR_DEADLINE_EXCEEDED',
      at: 80,
    })
  })

  it('bounds the retries and what they wait', async () => {
    const clock = new SimClock()
    const attempts: number[] = []
    const retry = new Retry({ maxRetries: 9, backoff: constant({ ms: 30 }), clock })

    const ending = await endOf(
      clock,
      retry.execute(
        () => {
          attempts.push(clock.now())
          throw new Error('down')
        },
        { budgetMs: 100 },
      ),
    )

    expect(attempts).toEqual([0, 30, 60, 90])
    expect(ending).toEqual({ end: 'down', at: 90 })
  })

  it('bounds the wait in a queue', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 500 }, clock })
    void bulkhead.execute(never)

    const ending = await endOf(clock, bulkhead.execute(never, { budgetMs: 40 }))

    expect(ending).toEqual({ end: 'ERR_DEADLINE_EXCEEDED', at: 40 })
    expect(bulkhead.snapshot()).toMatchObject({ queued: 0, running: 1, rejections: { queue_timeout: 0 } })
  })

  it('bounds the wait in a queue wherever the clock stands', async () => {
    const clock = new SimClock({ startMs: 1_000 })
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 500 }, clock })
    void bulkhead.execute(never)

    const ending = await endOf(clock, bulkhead.execute(never, { budgetMs: 40 }))

    expect(ending).toEqual({ end: 'ERR_DEADLINE_EXCEEDED', at: 40 })
  })

  it.each([500, 40])(
    'of %d ms leaves the wait of the queue, which is no longer, its own error',
    async (budgetMs) => {
      const clock = new SimClock()
      const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 40 }, clock })
      void bulkhead.execute(never)

      const ending = await endOf(clock, bulkhead.execute(never, { budgetMs }))

      expect(ending).toEqual({ end: 'ERR_BULKHEAD_FULL', at: 40 })
    },
  )

  it.each([1, 3])('as long as the wait leaves it so, however its end rounds (%d)', async (ulps) => {
    const clock = new SimClock({ startMs: 16_364 + ulps * 2 ** -39 })
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1, maxWaitMs: 40 }, clock })
    void bulkhead.execute(never)

    expect(await endOf(clock, bulkhead.execute(never, { budgetMs: 40 }))).toMatchObject({
      end: 'ERR_BULKHEAD_FULL',
    })
  })

  it.each([1, 3])('as long as a further attempt leaves it so, however its end rounds (%d)', async (ulps) => {
    const clock = new SimClock({ startMs: 16_364 + ulps * 2 ** -39 })
    const stack = pipeline(
      new Retry({ maxRetries: 1, backoff: constant({ ms: 0 }), clock }),
      new Timeout({ timeoutMs: 100, clock }),
    )
    const first = deferred<never>()
    clock.io(clock.now() + 50, () => first.reject(new Error('down')))
    const call = stack.execute(({ attempt }) => (attempt === 1 ? first.promise : never()), { budgetMs: 150 })

    expect(await endOf(clock, call)).toMatchObject({ end: 'ERR_TIMEOUT' })
  })

  it('goes on after the queue with what is left', async () => {
    const clock = new SimClock()
    const first = deferred()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
    void bulkhead.execute(() => first.promise)
    clock.io(60, () => first.resolve())

    const ending = await endOf(clock, bulkhead.execute(never, { budgetMs: 100 }))

    expect(ending).toEqual({ end: 'ERR_DEADLINE_EXCEEDED', at: 100 })
  })

  it('is not spent twice when a call inside takes what is left', async () => {
    const clock = new SimClock()
    const outer = new Timeout({ timeoutMs: 100, clock })
    const inner = new Timeout({ timeoutMs: 500, clock })
    let innerEnd: Ending | undefined

    const error = errorOf(
      outer.execute(async (call) => {
        const left = call.remainingMs()
        innerEnd = {
          end: await errorOf(inner.execute(never, { budgetMs: left })).then((e) => (e as Error).message),
          at: clock.now(),
        }
      }),
    )
    await clock.advance(200)

    expect(await error).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(innerEnd).toEqual({ end: 'the budget of 100 ms for the whole call is used up', at: 100 })
  })
})
