import { RateLimitedError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateLimiter } from './rate-limiter.js'
import { RateLimiterModel } from './rate-limiter.model.js'
import type { Fate } from './rate-limiter.model.js'

/** One token each 7, 10 or 13 ms, so that all that happens does so at whole milliseconds. */
const setup = fc.record({
  rate: fc.constant(1),
  perMs: fc.constantFrom(7, 10, 13),
  burst: fc.integer({ min: 1, max: 3 }),
  queueLimit: fc.nat(4),
  maxWaitMs: fc.constantFrom(Infinity, 0, 10, 25),
})

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      budgetMs: fc.constantFrom(Infinity, Infinity, 5, 12, 21),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), whom: fc.nat(30) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(0, 1, 5, 9, 30) }),
  },
)

interface Tested {
  readonly controller: AbortController
  fate: Fate
}

function make(limiter: RateLimiter, clock: SimClock, budgetMs: number): Tested {
  const call: Tested = { controller: new AbortController(), fate: 'waits' }
  void limiter
    .outcome(
      () => {
        call.fate = clock.now()
      },
      { signal: call.controller.signal, ...(budgetMs === Infinity ? {} : { budgetMs }) },
    )
    .then(({ kind }) => {
      if (kind === 'rejected') call.fate = 'rejected'
      if (kind === 'cancelled') call.fate = 'aborted'
    })
  return call
}

describe('a rate limiter, compared with a list', () => {
  it('H1 H3 H5 T6: begins, keeps and refuses the same calls at the same times', async () => {
    await fc.assert(
      fc.asyncProperty(setup, fc.array(step, { maxLength: 25, size: 'max' }), async (given, steps) => {
        const { rate, perMs, burst, queueLimit, maxWaitMs } = given
        const clock = new SimClock()
        const queue = { limit: queueLimit, maxWaitMs: maxWaitMs === Infinity ? undefined : maxWaitMs }
        const limiter = new RateLimiter({ rate, perMs, burst, queue, clock })
        const model = new RateLimiterModel(given)
        const calls: Tested[] = []
        const advance = async (ms: number): Promise<void> => {
          for (let passed = 0; passed < ms; passed++) {
            await clock.advance(1)
            model.tick(clock.now())
          }
          await clock.advance(0)
        }
        for (const next of steps) {
          if (next.do === 'call') {
            calls.push(make(limiter, clock, next.budgetMs))
            model.call(clock.now(), next.budgetMs)
          } else if (next.do === 'abort') {
            if (calls.length === 0) continue
            const whom = next.whom % calls.length
            if (calls[whom]?.fate === 'waits') calls[whom]?.controller.abort()
            model.abort(whom)
          } else await advance(next.ms)
          await advance(0)
          expect(calls.map(({ fate }) => fate)).toEqual(model.fates)
          expect(limiter.snapshot().queued).toBe(model.fates.filter((fate) => fate === 'waits').length)
        }
        await advance(100)
        expect(calls.map(({ fate }) => fate)).toEqual(model.fates)
        expect(model.fates).not.toContain('waits')
        expect(clock.pending).toMatchObject({ timers: 0 })
      }),
      { numRuns: 150 },
    )
  })

  it('B12: who is refused is let in or to the queue after retryAfterMs, and not a millisecond before', async () => {
    await fc.assert(
      fc.asyncProperty(setup, fc.nat(8), fc.nat(20), async (given, before, passedMs) => {
        const { rate, perMs, burst, queueLimit, maxWaitMs } = given
        const asked = async (afterMs: number): Promise<unknown> => {
          const clock = new SimClock()
          const queue = { limit: queueLimit, maxWaitMs: maxWaitMs === Infinity ? undefined : maxWaitMs }
          const limiter = new RateLimiter({ rate, perMs, burst, queue, clock })
          for (let call = 0; call < before; call++) make(limiter, clock, Infinity)
          await clock.advance(passedMs + afterMs)
          let error: unknown
          const unsubscribe = limiter.on('rejected', (rejected) => (error = rejected.error))
          make(limiter, clock, Infinity)
          unsubscribe()
          return error
        }
        const error = await asked(0)
        if (!(error instanceof RateLimitedError)) return
        const { retryAfterMs = 0 } = error
        expect(retryAfterMs).toBeGreaterThan(0)
        expect(await asked(retryAfterMs - 1)).toBeInstanceOf(RateLimitedError)
        expect(await asked(retryAfterMs)).toBeUndefined()
      }),
    )
  })
})
