import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import type { Call } from '../call.js'
import { guard } from '../guard.js'
import { deferred, errorOf, never } from './deferred.model.js'
import { pipeline } from './pipeline.js'

/** Counts the controllers that are made while `run` runs. */
async function controllersMadeBy(run: () => Promise<unknown>): Promise<number> {
  let made = 0
  const Real = AbortController
  vi.stubGlobal(
    'AbortController',
    class extends Real {
      constructor() {
        super()
        made++
      }
    },
  )
  await run()
  vi.unstubAllGlobals()
  return made
}

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

describe('the signal of a call', () => {
  it('is not made for work that never reads it', async () => {
    const clock = new SimClock()
    const stack = pipeline(
      new Retry({ maxRetries: 1, backoff: constant({ ms: 1 }), clock }),
      new Timeout({ timeoutMs: 10, clock }),
    )

    const made = await controllersMadeBy(async () => {
      const error = errorOf(stack.execute(never))
      await clock.advance(100)
      await error
    })

    expect(made).toBe(0)
  })

  it('is made once however often it is read', async () => {
    const clock = new SimClock()

    const made = await controllersMadeBy(() =>
      new Timeout({ timeoutMs: 10, clock }).execute((call) => call.signal === call.signal),
    )

    expect(made).toBe(1)
  })

  it('T3: aborts once, with the error that the caller gets', async () => {
    const clock = new SimClock()
    const reasons: unknown[] = []
    const error = errorOf(
      new Timeout({ timeoutMs: 10, clock }).execute(({ signal }) => {
        signal.addEventListener('abort', () => reasons.push(signal.reason))
        return never()
      }),
    )

    await clock.advance(100)

    expect(reasons).toEqual([await error])
    expect(reasons[0]).toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  it('T3: is aborted when first read after the time was over, also when the work has ended since', async () => {
    const clock = new SimClock()
    const end = deferred()
    let call: Call | undefined
    const error = errorOf(
      new Timeout({ timeoutMs: 10, clock }).execute((given) => {
        call = given
        return end.promise
      }),
    )

    await clock.advance(10)
    end.resolve()
    await clock.advance(10)

    expect(call?.signal.aborted).toBe(true)
    expect(call?.signal.reason).toBe(await error)
  })

  it('does not abort when the work ended by itself', async () => {
    const clock = new SimClock()
    let call: Call | undefined
    await errorOf(
      new Timeout({ timeoutMs: 10, clock }).execute((given) => {
        call = given
        expect(given.signal.aborted).toBe(false)
        throw new Error('down')
      }),
    )

    await clock.advance(100)

    expect(call?.signal.aborted).toBe(false)
  })

  it('belongs to one attempt only', async () => {
    const clock = new SimClock()
    const signals: AbortSignal[] = []
    const stack = pipeline(
      new Retry({ maxRetries: 1, backoff: constant({ ms: 1 }), clock }),
      new Timeout({ timeoutMs: 10, clock }),
    )
    const answer = stack.execute(({ attempt, signal }) => {
      signals.push(signal)
      return attempt === 1 ? never() : new Promise((resolve) => clock.io(15, () => resolve('second')))
    })

    await clock.advance(100)

    expect(await answer).toBe('second')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it('aborts after guards, caller and slots know: its listeners see the final state', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, releaseOnTimeout: true, clock })
    const told: string[] = []
    const rule = guard({ enter: () => undefined, exit: (_call, { kind }) => told.push(kind) })
    let seen: unknown[] = []
    const error = errorOf(
      pipeline(rule, bulkhead, new Timeout({ timeoutMs: 10, clock })).execute(({ signal }) => {
        signal.addEventListener('abort', () => {
          seen = [...told, bulkhead.snapshot().running]
        })
        return never()
      }),
    )

    await clock.advance(10)

    await error
    expect(seen).toEqual(['timeout', 0])
  })
})
