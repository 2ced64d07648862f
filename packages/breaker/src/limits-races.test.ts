/** Limits and hedges among each other, in the orders that are least expected. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { guard, onInternalError, pipeline } from '@breakwater/kernel'
import type { Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { AdaptiveLimiter } from './adaptive-limiter/adaptive-limiter.js'
import { constant } from './backoff/backoff.js'
import { Bulkhead } from './bulkhead/bulkhead.js'
import { CircuitBreaker } from './circuit-breaker/circuit-breaker.js'
import { Hedge } from './hedge/hedge.js'
import { RateLimiter } from './rate-limiter/rate-limiter.js'
import { Retry } from './retry/retry.js'

const microtasks = async (count: number): Promise<void> => {
  for (let step = 0; step < count; step++) await Promise.resolve()
}
const everyGap = Array.from({ length: 12 }, (_, gap) => gap)

describe('a call that waits for its turn', () => {
  it.each(everyGap)('R7: aborted %i microtasks after the turn before it, costs no token', async (gap) => {
    const clock = new SimClock()
    const limiter = new RateLimiter({ rate: 1, perMs: 10, queue: { limit: 5 }, clock })
    const caller = new AbortController()
    const before = async (): Promise<void> => {
      await microtasks(gap)
      caller.abort()
    }
    let ran = 0
    await limiter.execute(() => 'first')

    const ends = [
      limiter.outcome(before),
      limiter.outcome(() => ++ran, { signal: caller.signal }),
      limiter.outcome(() => 'last'),
    ]
    await clock.advance(20)

    expect((await Promise.all(ends)).map(({ kind }) => kind)).toEqual(['success', 'cancelled', 'success'])
    expect(ran).toBe(0)
    expect(limiter.snapshot()).toMatchObject({ queued: 0, taken: 3 })
    expect(clock.pending.timers).toBe(0)
  })

  it('gives its turn away when the work before it aborts it in the same turn of the line', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter({ rate: 4, perMs: 10, queue: { limit: 5 }, clock })
    limiter.tryAcquire(4)
    const callers = Array.from({ length: 5 }, () => new AbortController())
    const ran: number[] = []
    const ends = callers.map(({ signal }, index) =>
      limiter.outcome(
        () => {
          ran.push(index)
          callers[index + 1]?.abort()
        },
        { signal },
      ),
    )

    await clock.advance(10)

    await Promise.all(ends)
    expect(ran).toEqual([0, 2, 4])
    expect(limiter.snapshot().taken).toBe(7)
  })

  it('may ask again, change the rate and dispose of the limiter once it runs', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter({ rate: 2, perMs: 10, queue: { limit: 10 }, clock })
    limiter.tryAcquire(2)
    const ran: string[] = []
    const ends: Promise<unknown>[] = []
    const work = (): void => {
      ran.push('outer')
      ends.push(limiter.execute(() => ran.push('inner')))
      limiter.update({ rate: 4 })
      limiter.dispose()
    }

    ends.push(
      limiter.execute(work),
      limiter.execute(() => ran.push('next')),
    )
    await clock.advance(10)

    await Promise.all(ends)
    expect(ran).toEqual(['outer', 'next', 'inner'])
    expect(limiter.snapshot().queued).toBe(0)
  })
})

describe('a hedge', () => {
  it.each(everyGap)(
    'ends once when the caller aborts %i microtasks after the further attempt',
    async (gap) => {
      for (const answerGap of everyGap) {
        const clock = new SimClock()
        const bulkhead = new Bulkhead({ clock })
        const breaker = new CircuitBreaker({ clock })
        const caller = new AbortController()
        const signals: AbortSignal[] = []
        const hedged = pipeline(new Hedge({ delayMs: 10, maxExtraPercent: 1_000, clock }), breaker, bulkhead)
        const end = hedged.outcome(
          async ({ attempt, signal }) => {
            signals.push(signal)
            if (attempt === 1) return new Promise((resolve) => signal.addEventListener('abort', resolve))
            void microtasks(gap).then(() => {
              caller.abort()
            })
            return microtasks(answerGap)
          },
          { signal: caller.signal },
        )

        await clock.advance(10)

        expect(['success', 'cancelled']).toContain((await end).kind)
        expect(signals.map(({ aborted }) => aborted)[0]).toBe(true)
        expect(bulkhead.snapshot().running).toBe(0)
        expect(breaker.snapshot().failures).toBe(0)
        expect(clock.pending.timers).toBe(0)
      }
    },
  )
})

describe('limits inside of limits', () => {
  const nested = (clock: SimClock): readonly [Policy, () => number] => {
    const rates = [1_000, 500].map(
      (rate) => new RateLimiter({ rate, burst: 1, queue: { limit: 1_000 }, clock }),
    )
    const slots = [
      new Bulkhead({ limit: 3, queue: { limit: 1_000 }, clock }),
      new AdaptiveLimiter({ initial: 2, max: 2, queue: { limit: 1_000 }, clock }),
    ]
    const held = (): number =>
      [...rates, ...slots].reduce((sum, limit) => sum + limit.snapshot().queued, 0) +
      slots.reduce((sum, limit) => sum + limit.snapshot().running, 0)
    return [pipeline(...rates, ...slots), held]
  }

  it('let everybody through in the end, at the pace of the slowest', async () => {
    const clock = new SimClock()
    const [limited, held] = nested(clock)
    const begun: number[] = []

    const ends = Array.from({ length: 300 }, () => limited.outcome(async () => begun.push(clock.now())))
    await clock.advance(600)

    expect((await Promise.all(ends)).every(({ kind }) => kind === 'success')).toBe(true)
    expect(begun.every((at, index) => index === 0 || at - (begun[index - 1] ?? 0) >= 1.99)).toBe(true)
    expect(held() + clock.pending.timers).toBe(0)
  })

  it('hold nothing of calls that are aborted wherever they are', async () => {
    const clock = new SimClock()
    const [limited, held] = nested(clock)
    const caller = new AbortController()

    const ends = Array.from({ length: 300 }, () =>
      limited.outcome(() => microtasks(2), { signal: caller.signal }),
    )
    clock.schedule(clock.now() + 100, () => {
      caller.abort()
    })
    await clock.advance(600)

    expect(new Set((await Promise.all(ends)).map(({ kind }) => kind))).toEqual(
      new Set(['success', 'cancelled']),
    )
    expect(held() + clock.pending.timers).toBe(0)
  })

  it('B9: lose no place when a guard among them throws', async () => {
    const clock = new SimClock()
    const errors: unknown[] = []
    const forget = onInternalError((error) => void errors.push(error))
    const bad = guard({
      enter: () => {
        throw new Error('enter')
      },
      exit: () => {
        throw new Error('exit')
      },
    })
    const [limited, held] = nested(clock)

    const ends = [1, 2, 3].map((n) => pipeline(limited, bad).outcome(() => n))
    await clock.advance(100)

    expect((await Promise.all(ends)).map(({ kind }) => kind)).toEqual(['success', 'success', 'success'])
    expect(held()).toBe(0)
    expect(errors.length).toBeGreaterThan(0)
    forget()
  })
})

it('work and predicates run in the async context of their call, whoever frees the way for it', async () => {
  const clock = new SimClock()
  const context = new AsyncLocalStorage<string>()
  const seen = new Map<string, Set<string | undefined>>()
  const see = (own: string): void => void seen.set(own, (seen.get(own) ?? new Set()).add(context.getStore()))
  const limited = (own: string): Policy =>
    pipeline(
      rate,
      new Retry({ maxRetries: 1, backoff: constant({ ms: 3 }), retryIf: () => (see(own), true), clock }),
      new Hedge({ delayMs: 5, maxExtraPercent: 1_000, hedgeIf: () => (see(own), true), clock }),
      slots,
    )
  const rate = new RateLimiter({ rate: 1, perMs: 10, queue: { limit: 9 }, clock })
  const slots = new AdaptiveLimiter({ initial: 1, max: 1, queue: { limit: 9 }, clock })

  const ends = ['a', 'b', 'c'].map((own) =>
    context.run(own, () =>
      limited(own).outcome(async () => {
        see(own)
        await microtasks(2)
        throw new Error('down')
      }),
    ),
  )
  await context.run('outside', () => clock.advance(200))

  await Promise.all(ends)
  expect(seen).toEqual(new Map(['a', 'b', 'c'].map((own) => [own, new Set([own])])))
})
