import { Bulkhead, CircuitBreaker, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import type { Call } from '../call.js'
import { CountingSignal } from './counting-signal.model.js'
import { deferred, errorOf, never } from './deferred.model.js'
import { buildRunner, pipeline } from './pipeline.js'

describe('a caller whose signal is aborted before the call', () => {
  it('gets its own reason, and nothing starts', async () => {
    const reason = { of: 'mine' }
    const bulkhead = new Bulkhead({ limit: 1 })
    const fallback = vi.fn(() => 'instead')
    const work = vi.fn()
    const stack = pipeline(
      new Fallback({ chain: [fallback] }),
      new Retry(),
      bulkhead,
      new Timeout({ timeoutMs: 10 }),
    )

    expect(await errorOf(stack.execute(work, { signal: AbortSignal.abort(reason) }))).toBe(reason)

    expect(work).not.toHaveBeenCalled()
    expect(fallback).not.toHaveBeenCalled()
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('leaves no listener behind', async () => {
    const signal = new CountingSignal()
    signal.abort('early')

    await errorOf(pipeline().execute(() => 1, { signal: signal.asSignal }))

    expect(signal.listeners).toBe(0)
  })

  it('comes before a budget that is used up', async () => {
    const options = { signal: AbortSignal.abort('mine'), budgetMs: 0 }

    expect(await pipeline().outcome(() => 1, options)).toEqual({ kind: 'cancelled', error: 'mine' })
  })
})

describe('a caller who aborts during the call', () => {
  it('gets the reason at once, though the work goes on', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const error = errorOf(new Timeout({ timeoutMs: 10, clock }).execute(never, { signal: controller.signal }))

    controller.abort('changed my mind')

    expect(await error).toBe('changed my mind')
  })

  it('T5: is no timeout: not counted as one, nor answered by a fallback', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const timeout = new Timeout({ timeoutMs: 10, clock })
    const fallback = vi.fn(() => 'instead')
    const stack = pipeline(new Fallback({ chain: [fallback], when: () => true }), timeout)
    const outcome = stack.outcome(never, { signal: controller.signal })

    controller.abort('mine')
    await clock.advance(100)

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'mine' })
    expect(timeout.expirations).toBe(0)
    expect(fallback).not.toHaveBeenCalled()
  })

  it('tells the work through its signal, with the same reason, after the call is over', async () => {
    const controller = new AbortController()
    const reason = new Error('mine')
    let call: Call | undefined
    const error = errorOf(
      pipeline(new CircuitBreaker()).execute(
        (given) => {
          call = given
          expect(given.signal.aborted).toBe(false)
          return never()
        },
        { signal: controller.signal },
      ),
    )

    controller.abort(reason)

    expect(call?.signal.reason).toBe(reason)
    expect(await error).toBe(reason)
  })

  it('inside of the work itself, ends a call whose work answers at once', async () => {
    const controller = new AbortController()
    const bulkhead = new Bulkhead({ limit: 1 })

    const outcome = await bulkhead.outcome(
      () => {
        controller.abort('mine')
        return 'answer'
      },
      { signal: controller.signal },
    )

    expect(outcome).toEqual({ kind: 'cancelled', error: 'mine' })
    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('while a retry waits, is heard at once, and no timer stays', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const work = vi.fn(() => Promise.reject(new Error('down')))
    const retry = new Retry({ backoff: constant({ ms: 1_000 }), clock })
    const error = errorOf(retry.execute(work, { signal: controller.signal }))
    await clock.advance(500)

    controller.abort('mine')

    expect(await error).toBe('mine')
    expect(clock.pending.timers).toBe(0)
    await clock.advance(5_000)
    expect(work).toHaveBeenCalledTimes(1)
  })

  it('during the fallback, is heard at once, and the fallback is told', async () => {
    const controller = new AbortController()
    let call: Call | undefined
    const fallback = new Fallback({
      chain: [
        (_cause, given) => {
          call = given
          expect(given.signal.aborted).toBe(false)
          return never()
        },
      ],
    })
    const error = errorOf(
      fallback.execute(() => Promise.reject(new Error('down')), { signal: controller.signal }),
    )
    await new Promise(setImmediate)

    controller.abort('mine')

    expect(await error).toBe('mine')
    expect(call?.signal.reason).toBe('mine')
  })

  it('ends an inner stretch too, and all of its slots are free when the work has ended', async () => {
    const controller = new AbortController()
    const outer = new Bulkhead({ limit: 1 })
    const inner = new Bulkhead({ limit: 1 })
    const end = deferred()
    const stack = pipeline(outer, new CircuitBreaker(), inner)
    const error = errorOf(stack.execute(() => end.promise, { signal: controller.signal }))

    controller.abort('mine')
    expect(await error).toBe('mine')
    expect([outer.snapshot().running, inner.snapshot().running]).toEqual([1, 1])

    end.resolve()
    await end.promise
    expect([outer.snapshot().running, inner.snapshot().running]).toEqual([0, 0])
  })

  it('is heard before any fallback, of whatever package', async () => {
    const answer = vi.fn(() => 'instead')
    const part = { applies: () => true, answer }
    const runner = buildRunner([{ slot: 'fallback', part, describe: () => ({ kind: 'eager' }) }], undefined)
    const controller = new AbortController()

    const before = runner.outcome(never, { signal: AbortSignal.abort('mine') })
    const during = runner.outcome(never, { signal: controller.signal })
    controller.abort('mine')

    expect(await Promise.all([before, during])).toEqual([
      { kind: 'cancelled', error: 'mine' },
      { kind: 'cancelled', error: 'mine' },
    ])
    expect(answer).not.toHaveBeenCalled()
  })

  it('twice, is heard once', async () => {
    const signal = new CountingSignal()
    const outcome = pipeline().outcome(never, { signal: signal.asSignal })

    signal.abort('first')
    signal.abort('second')

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'first' })
  })

  it('after the end, changes nothing', async () => {
    const controller = new AbortController()
    const answer = await pipeline().execute(() => 'done', { signal: controller.signal })

    controller.abort('too late')

    expect(answer).toBe('done')
  })
})
