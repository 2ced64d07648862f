import { Bulkhead, CircuitBreaker, consecutiveFailures, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { RateLimitedError } from '../errors.js'
import { guard } from '../guard.js'
import { deferred, errorOf, never } from './deferred.model.js'
import { CANCELLED, metered, ONE_CANCELLED } from './metered.model.js'

describe('a caller who aborts from inside of a callback', () => {
  it('of a guard that admits: the work does not start, and each guard hears of one end', async () => {
    const controller = new AbortController()
    const told: string[] = []
    const abort = guard({
      enter: () => {
        controller.abort('mine')
        return undefined
      },
      exit: (_call, { kind }) => told.push(kind),
    })
    const bulkhead = new Bulkhead({ limit: 1 })
    const breaker = new CircuitBreaker()
    const work = vi.fn()
    const { meter, outcome } = metered(abort, breaker, bulkhead, new Timeout({ timeoutMs: 10 }))

    expect(await outcome(work, { signal: controller.signal })).toEqual(CANCELLED)

    expect(work).not.toHaveBeenCalled()
    expect(told).toEqual(['cancelled'])
    expect(bulkhead.snapshot().running).toBe(0)
    expect(meter.sums).toMatchObject(ONE_CANCELLED)
  })

  it('of a guard that refuses: no fallback, no retry', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const fallback = vi.fn()
    const retryIf = vi.fn(() => true)
    const refusing = guard({
      enter: () => {
        controller.abort('mine')
        return new RateLimitedError('closed')
      },
      exit: () => undefined,
    })
    const { meter, outcome } = metered(
      new Fallback({ chain: [fallback] }),
      new Retry({ retryIf, clock }),
      refusing,
    )

    expect(await outcome(() => 1, { signal: controller.signal })).toEqual(CANCELLED)

    expect(fallback).not.toHaveBeenCalled()
    expect(retryIf).not.toHaveBeenCalled()
    expect(clock.pending.timers).toBe(0)
    expect(meter.sums).toMatchObject(ONE_CANCELLED)
  })

  it.each<[string, (clock: SimClock) => () => unknown]>([
    ['an answer', () => () => 'answer'],
    ['a failure', () => () => Promise.reject(new Error('down'))],
    ['a timeout', () => never],
  ])('of a guard that is told of %s: the abort is the end', async (_name, makeWork) => {
    const clock = new SimClock()
    const controller = new AbortController()
    const fallback = vi.fn()
    const retry = new Retry({ clock, retryIf: () => true })
    const told = guard({ enter: () => undefined, exit: () => controller.abort('mine') })
    const stack = [new Fallback({ chain: [fallback] }), retry, told, new Timeout({ timeoutMs: 10, clock })]
    const { meter, outcome } = metered(...stack)

    const end = outcome(makeWork(clock), { signal: controller.signal })
    await clock.advance(10)

    expect(await end).toEqual(CANCELLED)
    expect(fallback).not.toHaveBeenCalled()
    expect(retry.counts.attempts).toBe(0)
    expect(clock.pending.timers).toBe(0)
    expect(meter.sums).toMatchObject(ONE_CANCELLED)
  })

  it('of the breaker that changes its state: the work of a probe does not start', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const breaker = new CircuitBreaker({ trip: consecutiveFailures(1), openMs: 100, clock })
    await errorOf(breaker.execute(() => Promise.reject(new Error('down'))))
    await clock.advance(100)
    breaker.on('transition', () => controller.abort('mine'))
    const work = vi.fn()

    expect(await breaker.outcome(work, { signal: controller.signal })).toEqual(CANCELLED)
    expect(work).not.toHaveBeenCalled()
    expect(await breaker.execute(() => 'the probe slot is free')).toBe('the probe slot is free')
  })

  it('of the queue’s priority: the place is given back', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const first = deferred()
    const work = vi.fn()
    const bulkhead = new Bulkhead({
      limit: 1,
      queue: { limit: 1, maxWaitMs: 100 },
      priority: () => {
        controller.abort('mine')
        return 0
      },
      clock,
    })
    void bulkhead.execute(() => first.promise)

    expect(await bulkhead.outcome(work, { signal: controller.signal })).toEqual(CANCELLED)
    expect(bulkhead.snapshot()).toMatchObject({ running: 1, queued: 0 })

    first.resolve()
    await clock.advance(200)
    expect(work).not.toHaveBeenCalled()
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, rejections: { queue_timeout: 0 } })
  })

  it('of the queue’s priority, which also frees the slot: the slot is given back', async () => {
    const controller = new AbortController()
    const bulkhead: Bulkhead = new Bulkhead({
      limit: 1,
      queue: { limit: 1 },
      priority: () => {
        controller.abort('mine')
        bulkhead.update({ limit: 2 })
        return 0
      },
    })
    void bulkhead.execute(never)

    expect(await bulkhead.outcome(() => 1, { signal: controller.signal })).toEqual(CANCELLED)
    expect(bulkhead.snapshot()).toMatchObject({ running: 1, queued: 0 })
  })

  it.each(['queued', 'rejected'] as const)('of the event "%s" of a bulkhead', async (event) => {
    const clock = new SimClock()
    const controller = new AbortController()
    const told: string[] = []
    const heard = guard({ enter: () => undefined, exit: (_call, { kind }) => told.push(kind) })
    const bulkhead = new Bulkhead({
      limit: 1,
      queue: { limit: event === 'queued' ? 1 : 0, maxWaitMs: 50 },
      clock,
    })
    const { meter, outcome } = metered(heard, bulkhead)
    void bulkhead.execute(never)
    bulkhead.on(event, () => controller.abort('mine'))

    expect(await outcome(() => 1, { signal: controller.signal })).toEqual(CANCELLED)
    await clock.advance(100)

    expect(told).toEqual(['cancelled'])
    expect(bulkhead.snapshot()).toMatchObject({ running: 1, queued: 0 })
    expect(meter.sums).toMatchObject(ONE_CANCELLED)
  })
})
