import { Bulkhead, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback, RequestCache } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import type { Call, CallOptions, Work } from '../call.js'
import type { Policy } from '../policy.js'
import { errorOf, never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

/** A policy as users write them: hands its work to others. */
function own(execute: (work: Work<unknown>, options?: CallOptions) => unknown): Policy {
  return { execute } as unknown as Policy
}

const sees = ({ name, attempt, deadline }: Call): unknown[] => [name, attempt, deadline]

describe('the work inside of a policy of the user’s own', () => {
  it('T3: is aborted when that policy’s own time is over, and its slot there is free again', async () => {
    const clock = new SimClock()
    const guarded = pipeline(new Bulkhead({ limit: 1, clock }), new Timeout({ timeoutMs: 30, clock }))
    const stack = pipeline(
      new Bulkhead({ limit: 10, clock }),
      own((work, options) => guarded.execute(work, options)),
    )
    const calls: Call[] = []

    const error = errorOf(
      stack.execute((call) => {
        calls.push(call)
        return new Promise((_resolve, reject) => {
          call.signal.addEventListener('abort', () => reject(call.signal.reason as Error))
        })
      }),
    )
    expect(calls[0]?.remainingMs()).toBe(30)
    await clock.advance(30)

    expect(await error).toMatchObject({ code: 'ERR_TIMEOUT' })
    expect(calls[0]?.signal.reason).toBe(await error)
    expect(await stack.execute(() => 'next')).toBe('next')
  })

  it('has the nearer deadline, all attempts and the nearest name, also behind a policy of ours', async () => {
    const clock = new SimClock()
    const inner = pipeline(
      new Retry({ maxRetries: 1, backoff: constant({ ms: 10 }), clock }),
      new Timeout({ timeoutMs: 50, clock }),
    )
    const around = new Timeout({ timeoutMs: 500, clock })
    const mine = own((work, options) => inner.execute(work, options))
    for (const stack of [pipeline(around, mine), pipeline(around, mine, new Bulkhead({ limit: 5, clock }))]) {
      const begin = clock.now()
      const seen: unknown[] = []

      const error = errorOf(
        stack.execute((call) => {
          seen.push([call.attempt, (call.deadline ?? NaN) - begin, call.remainingMs()])
          throw new Error('again')
        }),
      )
      await clock.advance(10)

      expect(await error).toMatchObject({ message: 'again' })
      expect(seen).toEqual([
        [1, 50, 50],
        [2, 60, 50],
      ])
    }
  })

  it('counts the attempts of retries around that policy and inside of it', async () => {
    const clock = new SimClock()
    const retry = (): Retry => new Retry({ maxRetries: 1, backoff: constant({ ms: 1 }), clock })
    const inner = retry()
    const seen: number[] = []
    const stack = pipeline(
      retry(),
      own((work, options) => inner.execute(work, options)),
    )

    const error = errorOf(
      stack.execute(({ attempt }) => {
        seen.push(attempt)
        throw new Error('again')
      }),
    )
    await clock.advance(10)
    await error

    expect(seen).toEqual([1, 2, 2, 3])
  })

  it('is counted on by a fallback inside of that policy', async () => {
    const { signal } = new AbortController()
    const mine = own((work) => (work as (call: unknown) => unknown)({ signal, attempt: 3 }))
    const fallback = new Fallback({ chain: [({ attempt }) => attempt] })

    expect(await pipeline(mine, fallback).execute(() => Promise.reject(new Error('down')))).toBe(3)
  })

  it('is not begun, nor its slot taken, when that policy answers by itself', async () => {
    const full = new Bulkhead({ limit: 1 })
    void full.execute(never)

    expect(
      await pipeline(
        own(() => 'mine'),
        full,
      ).execute(() => 1),
    ).toBe('mine')
  })

  it('ends with either signal, and has the call of before where that policy gives none', async () => {
    const mine = new AbortController()
    const callers = new AbortController()
    const signals: AbortSignal[] = []
    const note = ({ signal }: Call): void => void signals.push(signal)
    const giving = (given: unknown): Policy => own((work) => (work as (call: unknown) => unknown)(given))
    const { signal } = callers

    await pipeline(new Bulkhead(), giving({ signal: mine.signal })).execute(note, { signal })
    await pipeline(new Bulkhead(), giving({ signal: mine.signal })).execute(note)
    for (const given of [undefined, null, 1, {}, { signal: 'no' }])
      expect(await pipeline(new Bulkhead(), giving(given)).execute(sees)).toEqual([undefined, 1, undefined])

    const [first, second] = signals
    expect([first?.aborted, second?.aborted]).toEqual([false, false])
    mine.abort()
    expect([first?.aborted, second?.aborted]).toEqual([true, true])
  })

  it('R3: that policy is told how much time is left, where there is a limit', async () => {
    const clock = new SimClock()
    const told: (CallOptions | undefined)[] = []
    const mine = own((work, options) => {
      told.push(options)
      return work({} as Call)
    })
    const stack = pipeline(new Timeout({ timeoutMs: 40, clock }), mine)

    await stack.execute(() => 1)
    await stack.execute(() => 1, { budgetMs: 25 })
    await pipeline(new Bulkhead({ clock }), mine).execute(() => 1)

    expect(told.map((options) => options?.budgetMs)).toEqual([40, 25, undefined])
  })
})

describe('behind a cache', () => {
  const clock = new SimClock()
  const cache = new RequestCache({ key: () => 'k', scope: 'process', clock, max: 1 })

  it('the work sees how long its callers will wait, and a retry that does not fit is not made', async () => {
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 5_000 }), clock })
    const stack = pipeline(cache, retry)
    const begin = clock.now()

    const outcome = await stack.outcome(
      ({ deadline }) => {
        expect(deadline).toBe(begin + 200)
        throw new Error('the reason')
      },
      { budgetMs: 200 },
    )

    expect(outcome).toMatchObject({ kind: 'failure', error: { message: 'the reason' } })
    expect(clock.now()).toBe(begin)
  })

  it('a run goes on for the most patient of its callers, and ends with the last', async () => {
    const stack = pipeline(cache, new Bulkhead({ limit: 1, clock }))
    let call: Call | undefined
    const hangs = (given: Call): Promise<never> => {
      call = given
      expect(given.signal.aborted).toBe(false)
      return never()
    }

    const first = stack.outcome(hangs, { budgetMs: 10 })
    const second = stack.outcome(hangs, { budgetMs: 30 })
    expect(call?.remainingMs()).toBe(30)
    await clock.advance(10)
    expect(await first).toMatchObject({ kind: 'timeout' })
    expect(call?.signal.aborted).toBe(false)
    await clock.advance(20)

    expect(await second).toMatchObject({ kind: 'timeout' })
    expect(call?.signal.aborted).toBe(true)
  })
})
