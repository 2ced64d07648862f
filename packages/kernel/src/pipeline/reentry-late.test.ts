import { Bulkhead, constant, Retry, Timeout } from '@breakwater/breaker'
import type { RetryOptions } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import type { Policy } from '../policy.js'
import { deferred, never } from './deferred.model.js'
import { CANCELLED, metered, ONE_CANCELLED } from './metered.model.js'

describe('a caller who aborts from inside of a callback at the end of an attempt', () => {
  it.each<[string, readonly Policy<unknown>[]]>([
    ['an attempt', []],
    ['the whole call', [new Retry({ maxRetries: 0 })]],
  ])('of the event of a timeout of %s: the abort is the end', async (_name, inside) => {
    const clock = new SimClock()
    const controller = new AbortController()
    const fallback = vi.fn()
    const timeout = new Timeout({ timeoutMs: 10, clock })
    timeout.on('timeout', () => controller.abort('mine'))
    const { meter, outcome } = metered(new Fallback({ chain: [fallback] }), timeout, ...inside)

    const end = outcome(never, { signal: controller.signal })
    await clock.advance(10)

    expect(await end).toEqual(CANCELLED)
    expect(fallback).not.toHaveBeenCalled()
    expect(meter.sums).toMatchObject(ONE_CANCELLED)
  })

  const backoff = constant({ ms: 1_000 })
  const down = (): never => {
    throw new Error('down')
  }
  it.each<[string, (abort: () => true) => RetryOptions, () => unknown]>([
    ['retryIf', (abort) => ({ retryIf: abort }), down],
    ['retryOnResult', (abort) => ({ retryOnResult: abort }), () => 'answer'],
  ])('of %s: no further attempt, and no timer', async (_name, options, work) => {
    const clock = new SimClock()
    const controller = new AbortController()
    const abort = (): true => {
      controller.abort('mine')
      return true
    }
    const { meter, outcome } = metered(new Retry({ ...options(abort), backoff, clock }))

    expect(await outcome(work, { signal: controller.signal })).toEqual(CANCELLED)

    expect(clock.pending.timers).toBe(0)
    expect(meter.sums).toMatchObject(ONE_CANCELLED)
  })

  it.each<[string, boolean]>([
    ['retryOnResult, which wants no other answer', false],
    ['the event of a retry that has given up', true],
  ])('of %s: the answer is not counted', async (_name, wantsMore) => {
    const controller = new AbortController()
    const abort = (): void => controller.abort('mine')
    const retryOnResult = (): boolean => {
      if (!wantsMore) abort()
      return wantsMore
    }
    const retry = new Retry({ maxRetries: 0, retryOnResult })
    retry.on('exhausted', abort)
    const { meter, outcome } = metered(retry)

    expect(await outcome(() => 'answer', { signal: controller.signal })).toEqual(CANCELLED)

    expect(meter.sums).toMatchObject({ ...ONE_CANCELLED, success: 0 })
  })

  it('of the event of a retry: no further attempt, and no timer', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const retry = new Retry({ backoff, clock })
    retry.on('retry', () => controller.abort('mine'))

    expect(await retry.outcome(down, { signal: controller.signal })).toEqual(CANCELLED)

    expect(clock.pending.timers).toBe(0)
  })

  it('of a fallback’s when: the failure counts, and the fallback is not asked', async () => {
    const controller = new AbortController()
    const handler = vi.fn()
    const when = (): true => {
      controller.abort('mine')
      return true
    }
    const { meter, outcome } = metered(new Fallback({ chain: [handler], when }))

    expect(await outcome(down, { signal: controller.signal })).toEqual(CANCELLED)

    expect(handler).not.toHaveBeenCalled()
    expect(meter.sums).toMatchObject({ started: 1, ended: 1, failure: 1, answered: 0 })
  })

  it('of somebody else’s work, started in the slot that this call freed', async () => {
    const controller = new AbortController()
    const first = deferred<string>()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 } })
    const { meter, outcome } = metered(bulkhead)

    const end = outcome(() => first.promise, { signal: controller.signal })
    const next = bulkhead.execute(() => controller.abort('mine'))
    first.resolve('answer')

    await next
    expect((await end).kind).toBe('cancelled')
    expect(meter.sums).toMatchObject(ONE_CANCELLED)
  })
})
