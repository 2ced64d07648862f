/**
 * Attempts that wait further inside, for a slot, for their turn or before another try: what the ends of such waits are to
 * the stretches around them.
 */
import { Bulkhead, constant, Hedge, RateLimiter, Retry, Timeout } from '@breakwater/breaker'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { guard } from '../guard.js'
import type { Policy } from '../policy.js'
import { pipeline } from './pipeline.js'

const forEver = (): Promise<never> => new Promise(() => {})

/** Hears of the ends of attempts. */
function hearing(heard: string[]): Policy {
  return guard({ enter: () => undefined, exit: (_call, { kind }) => void heard.push(kind) })
}

describe('attempts that wait further inside', () => {
  it('H6: leave a slot around them to the work of another attempt, which runs on', async () => {
    const clock = new SimClock()
    const outer = new Bulkhead({ limit: 1, clock })
    const retry = new Retry({ backoff: constant({ ms: 1_000 }), clock })
    const guarded = pipeline(outer, new Hedge({ delayMs: 10, clock }), new Bulkhead({ clock }), retry)
    const controller = new AbortController()

    const call = guarded.outcome(
      ({ attempt }) => (attempt === 1 ? forEver() : Promise.reject(new Error('down'))),
      { signal: controller.signal },
    )
    await clock.advance(100)
    controller.abort('gone')
    await call

    expect(outer.snapshot().running).toBe(1)
  })

  it('H5: give their place back before the slot around them goes to the next', async () => {
    const clock = new SimClock()
    const outer = new Bulkhead({ limit: 2, queue: { limit: 1 }, releaseOnTimeout: true, clock })
    const inner = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
    const guarded = pipeline(outer, inner)
    const controller = new AbortController()

    void guarded.execute(forEver)
    const second = guarded.outcome(forEver, { signal: controller.signal })
    void guarded.execute(forEver)
    controller.abort('gone')

    expect((await second).kind).toBe('cancelled')
    expect([outer.snapshot().queued, inner.snapshot().queued]).toEqual([0, 1])
    expect(inner.snapshot().rejections.queue_full).toBe(0)
  })

  it('H5: give their place back before another attempt asks for it', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
    const allowed = { delayMs: 1_000, maxExtraPercent: 1_000, clock }
    const guarded = pipeline(new Hedge(allowed), new Timeout({ timeoutMs: 100, clock }), bulkhead)
    void bulkhead.execute(forEver)

    const call = guarded.outcome(forEver)
    await clock.advance(150)

    expect(bulkhead.snapshot().queued).toBe(1)
    await clock.advance(50)
    expect((await call).kind).toBe('timeout')
    expect(bulkhead.snapshot().rejections.queue_full).toBe(0)
  })

  it('H6: have waited in vain only when no further attempt has run', async () => {
    const clock = new SimClock()
    const heard: string[] = []
    const outer = new Bulkhead({ clock })
    const inner = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 10 }), clock })
    const timeout = new Timeout({ timeoutMs: 100, clock })
    const guarded = pipeline(hearing(heard), outer, retry, timeout, inner)
    void inner.execute(() => new Promise((resolve) => clock.io(105, () => resolve('free'))))

    const call = guarded.outcome(forEver)
    await clock.advance(300)

    expect((await call).kind).toBe('timeout')
    expect([heard, outer.snapshot().running, inner.snapshot().running]).toEqual([['timeout'], 1, 1])
  })

  it('H6: have waited in vain when each of them has, and get no company for that', async () => {
    const clock = new SimClock()
    const heard: string[] = []
    const inner = new Bulkhead({ limit: 1, queue: { limit: 2 }, clock })
    const retry = new Retry({ maxRetries: 1, backoff: constant({ ms: 10 }), clock })
    const hedge = new Hedge({ delayMs: 120, clock })
    const guarded = pipeline(hearing(heard), hedge, retry, new Timeout({ timeoutMs: 100, clock }), inner)
    void inner.execute(forEver)

    const call = guarded.outcome(forEver)
    await clock.advance(150)
    expect([inner.snapshot().queued, hedge.counts.hedges]).toEqual([1, 0])
    await clock.advance(500)

    expect((await call).kind).toBe('timeout')
    expect(heard).toEqual(['cancelled'])
  })

  it('take their tokens by the time of now, also inside of a hedge', async () => {
    const clock = new SimClock()
    const limiter = new RateLimiter({ rate: 10, burst: 10, clock })
    const guarded = pipeline(new Hedge({ delayMs: 1_000, clock }), limiter)
    await clock.advance(60_000)

    const kinds = await Promise.all(Array.from({ length: 30 }, () => guarded.outcome(() => 'answer')))

    expect(kinds.filter(({ kind }) => kind === 'success')).toHaveLength(10)
    expect(limiter.snapshot().available).toBe(0)
  })
})
