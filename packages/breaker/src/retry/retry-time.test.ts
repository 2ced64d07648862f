import { pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { Timeout } from '../timeout/timeout.js'
import { down, every, never, watch } from './watched-retry.model.js'

describe('the whole time of a call with retries', () => {
  it('R3: a wait that does not fit is not begun: the call fails at once, with its own error', async () => {
    const clock = new SimClock()
    const stack = pipeline(new Timeout({ timeoutMs: 100, clock }), every(40, clock))

    expect(await watch(clock, stack)).toEqual({ attempts: [0, 40, 80], end: 'failure', at: 80 })
  })

  it('R3: a wait that just fills what is left is not begun either', async () => {
    const clock = new SimClock()

    expect(await watch(clock, every(50, clock), down, { budgetMs: 100 })).toEqual({
      attempts: [0, 50],
      end: 'failure',
      at: 50,
    })
  })

  it.each([1, 3])('R3: nor is one that fills all of it, however its end rounds (%d)', async (ulps) => {
    const clock = new SimClock({ startMs: 16_284 + ulps * 2 ** -39 })

    expect(await watch(clock, every(200, clock), down, { budgetMs: 200 })).toMatchObject({ end: 'failure' })
  })

  it('R3: an asked wait that does not fit is not begun', async () => {
    const clock = new SimClock()
    const busy = (): never => {
      throw Object.assign(new Error('busy'), { retryAfterMs: 5_000 })
    }

    expect(await watch(clock, every(1, clock), busy, { budgetMs: 1_000 })).toEqual({
      attempts: [0],
      end: 'failure',
      at: 0,
    })
  })

  it('R3: an attempt is ended by what is left of it', async () => {
    const clock = new SimClock()
    const stack = pipeline(
      new Timeout({ timeoutMs: 100, clock }),
      every(10, clock),
      new Timeout({ timeoutMs: 60, clock }),
    )

    expect(await watch(clock, stack, never)).toEqual({ attempts: [0, 70], end: 'timeout', at: 100 })
  })

  it('R3: counts the time in a queue', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, queue: { limit: 1 }, clock })
    void bulkhead.execute(() => new Promise((resolve) => clock.io(70, () => resolve(1))))
    const stack = pipeline(new Timeout({ timeoutMs: 100, clock }), every(20, clock), bulkhead)

    expect(await watch(clock, stack)).toEqual({ attempts: [70, 90], end: 'failure', at: 90 })
  })

  it('R3: is over when the loop slept through the wait, unless it was not', async () => {
    const clock = new SimClock()
    const stack = pipeline(new Timeout({ timeoutMs: 100, clock }), every(40, clock))
    clock.schedule(20, () => clock.stall(200))

    expect(await watch(clock, stack)).toEqual({ attempts: [0], end: 'timeout', at: 220 })
  })

  it('an inner retry that sleeps when the outer attempt ends makes no further attempt, and the outer one goes on', async () => {
    const clock = new SimClock()
    const stack = pipeline(
      every(1, clock, { maxRetries: 1 }),
      new Timeout({ timeoutMs: 100, clock }),
      every(90, clock),
    )
    clock.schedule(20, () => clock.stall(200))

    expect(await watch(clock, stack)).toEqual({ attempts: [0, 261, 351], end: 'failure', at: 351 })
  })

  it('holds for the retries of an inner stretch', async () => {
    const clock = new SimClock()
    const stack = pipeline(
      new Bulkhead({ clock }),
      new Timeout({ timeoutMs: 100, clock }),
      new CircuitBreaker({ clock }),
      every(40, clock),
    )

    expect(await watch(clock, stack)).toEqual({ attempts: [0, 40, 80], end: 'failure', at: 80 })
  })
})

describe('a wait between attempts', () => {
  it('R7: ends in the turn of an abort', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    const ends: unknown[] = []
    void every(1_000, clock)
      .outcome(down, { signal: controller.signal })
      .then((outcome) => ends.push(outcome))
    await clock.advance(500)

    controller.abort('enough')
    await Promise.resolve()

    expect(ends).toEqual([{ kind: 'cancelled', error: 'enough' }])
    expect(clock.pending.timers).toBe(0)
  })

  it('R7: of no time at all can be aborted too', async () => {
    const clock = new SimClock()
    const controller = new AbortController()
    let attempts = 0
    const outcome = every(0, clock).outcome(
      () => {
        attempts++
        queueMicrotask(() => controller.abort('enough'))
        throw new Error('down')
      },
      { signal: controller.signal },
    )
    await clock.flush()

    expect(await outcome).toEqual({ kind: 'cancelled', error: 'enough' })
    expect(attempts).toBe(1)
  })

  it('keeps the process alive, because somebody waits', async () => {
    const clock = new SimClock()

    void every(1_000, clock).outcome(down)

    expect(clock.pending).toMatchObject({ timers: 1, background: 0 })
  })

  it('holds no slot', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ limit: 1, clock })
    const first = pipeline(every(1_000, clock), bulkhead).outcome(down)

    expect(bulkhead.snapshot().running).toBe(0)
    await clock.advance(100_000)
    expect((await first).kind).toBe('failure')
  })
})
