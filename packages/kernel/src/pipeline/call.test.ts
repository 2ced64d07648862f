import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import type { Call } from '../call.js'
import { deferred, errorOf, never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

describe('the call that the work sees', () => {
  it('without limits has no deadline, all the time, and a signal that does not abort', async () => {
    const seen = await pipeline(new CircuitBreaker({ name: 'users' })).execute(async (call) => {
      await Promise.resolve()
      return [call.name, call.attempt, call.deadline, call.remainingMs(), call.signal.aborted]
    })

    expect(seen).toEqual(['users', 1, undefined, Infinity, false])
  })

  it('counts attempts from 1', async () => {
    const clock = new SimClock()
    const attempts: number[] = []
    const retry = new Retry({ maxRetries: 2, backoff: constant({ ms: 5 }), clock })

    const error = errorOf(
      retry.execute(({ attempt }) => {
        attempts.push(attempt)
        throw new Error('again')
      }),
    )
    await clock.advance(100)

    expect(attempts).toEqual([1, 2, 3])
    expect(await error).toMatchObject({ message: 'again' })
  })

  it('has the deadline of its attempt', async () => {
    const clock = new SimClock({ startMs: 1_000 })
    let call: Call | undefined
    const answer = new Timeout({ timeoutMs: 100, clock }).execute((given) => {
      call = given
      return new Promise((resolve) => clock.io(1_090, () => resolve('in time')))
    })

    expect(call?.deadline).toBe(1_100)
    expect(call?.remainingMs()).toBe(100)
    await clock.advance(60)
    expect(call?.deadline).toBe(1_100)
    expect(call?.remainingMs()).toBe(40)
    await clock.advance(60)
    expect(await answer).toBe('in time')
    expect(call?.remainingMs()).toBe(0)
  })

  it('T8: has the nearer one of its own deadline and what is left of the whole', async () => {
    const clock = new SimClock()
    const deadlines: (number | undefined)[] = []
    const stack = pipeline(
      new Timeout({ timeoutMs: 100, clock }),
      new Retry({ maxRetries: 5, backoff: constant({ ms: 5 }), clock }),
      new Timeout({ timeoutMs: 40, clock }),
    )

    const error = errorOf(
      stack.execute(({ deadline }) => {
        deadlines.push(deadline)
        return never()
      }),
    )
    await clock.advance(200)

    expect(deadlines).toEqual([40, 85, 100])
    expect(await error).toMatchObject({ code: 'ERR_TIMEOUT', message: 'no answer within 100 ms' })
  })

  it('T8: has the deadline of the whole where its attempt has none', async () => {
    const clock = new SimClock({ startMs: 1_000 })
    const stack = pipeline(new Timeout({ timeoutMs: 100, clock }), new Retry({ clock }))

    expect(await stack.execute((call) => [call.deadline, call.remainingMs()])).toEqual([1_100, 100])
  })

  it('has its own deadline to the fraction of a millisecond', async () => {
    const clock = new SimClock({ startMs: 1_000 })

    expect(await new Timeout({ timeoutMs: 49.5, clock }).execute(({ deadline }) => deadline)).toBe(1_049.5)
  })

  it('T8: sees the deadline of an outer stretch', async () => {
    const clock = new SimClock()
    const stack = pipeline(
      new Bulkhead({ clock }),
      new Timeout({ timeoutMs: 50, clock }),
      new CircuitBreaker({ clock }),
      new Retry({ clock }),
    )

    expect(await stack.execute((call) => [call.deadline, call.remainingMs()])).toEqual([50, 50])
    expect(await stack.execute((call) => [call.deadline, call.remainingMs()], { budgetMs: 20 })).toEqual([
      20, 20,
    ])
  })

  it('is ended by its own time after it waited for its slot under the whole time', async () => {
    const clock = new SimClock()
    const first = deferred()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
    const attemptTime = new Timeout({ timeoutMs: 20, clock })
    void bulkhead.execute(() => first.promise)
    const error = errorOf(
      pipeline(new Timeout({ timeoutMs: 100, clock }), bulkhead, attemptTime).execute(never),
    )
    await clock.advance(30)
    first.resolve()
    await clock.advance(20)

    expect(await error).toMatchObject({ message: 'no answer within 20 ms' })
    expect(attemptTime.expirations).toBe(1)
  })

  it('starts its time when its slot is granted', async () => {
    const clock = new SimClock()
    const first = deferred()
    const stack = pipeline(
      new Bulkhead({ limit: 1, queue: { limit: 1 }, clock }),
      new Timeout({ timeoutMs: 100, clock }),
    )

    void stack.execute(() => first.promise)
    const second = stack.execute(({ deadline }) => deadline)
    await clock.advance(30)
    first.resolve()
    await clock.flush()

    expect(await second).toBe(130)
  })
})
