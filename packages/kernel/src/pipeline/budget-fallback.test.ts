import { Timeout, Retry } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it } from 'vitest'
import { never } from './deferred.model.js'
import { after, endOf } from './ending.model.js'
import { pipeline } from './pipeline.js'

describe('a budget and the fallback', () => {
  const slow = (clock: SimClock): Fallback<[() => Promise<string>]> =>
    new Fallback({ chain: [after(clock, 200, 'instead')] })

  it('is bounded by it together with the call', async () => {
    const clock = new SimClock()
    const stack = pipeline(slow(clock), new Timeout({ timeoutMs: 50, clock }))

    expect(await endOf(clock, stack.execute(never, { budgetMs: 100 }))).toEqual({
      end: 'ERR_DEADLINE_EXCEEDED',
      at: 100,
    })
    expect(await endOf(clock, stack.execute(never, { budgetMs: 300 }))).toEqual({ end: 'instead', at: 250 })
  })

  it('is bounded by it also when the whole time of the call was shorter', async () => {
    const clock = new SimClock()
    const stack = pipeline(slow(clock), new Timeout({ timeoutMs: 50, clock }), new Retry({ clock }))

    expect(await endOf(clock, stack.execute(never, { budgetMs: 100 }))).toEqual({
      end: 'ERR_DEADLINE_EXCEEDED',
      at: 100,
    })
  })

  it('is not bounded by the timeouts inside of it', async () => {
    const clock = new SimClock()
    const stack = pipeline(
      slow(clock),
      new Timeout({ timeoutMs: 50, clock }),
      new Retry({ clock }),
      new Timeout({ timeoutMs: 20, clock }),
    )

    expect(await endOf(clock, stack.execute(never))).toEqual({ end: 'instead', at: 220 })
  })

  it('is bounded by a timeout around it', async () => {
    const clock = new SimClock()
    const stack = pipeline(
      new Timeout({ timeoutMs: 100, clock }),
      slow(clock),
      new Timeout({ timeoutMs: 50, clock }),
    )

    expect(await endOf(clock, stack.execute(never))).toEqual({ end: 'ERR_TIMEOUT', at: 100 })
  })

  it('that is used up leaves it one turn for an answer at hand', async () => {
    const clock = new SimClock()
    const cached = new Fallback({ chain: [() => Promise.resolve('cached')] })
    const stack = pipeline(cached, new Timeout({ timeoutMs: 500, clock }))

    expect(await endOf(clock, stack.execute(never, { budgetMs: 100 }))).toEqual({ end: 'cached', at: 100 })
    expect(await endOf(clock, stack.execute(never, { budgetMs: 0 }))).toEqual({ end: 'cached', at: 0 })
    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })

  it('that runs out while it answers is a timeout', async () => {
    const clock = new SimClock()
    const outcome = slow(clock).outcome(() => Promise.reject(new Error('down')), { budgetMs: 100 })
    await clock.advance(100)

    expect((await outcome).kind).toBe('timeout')
  })

  it('has no deadline without one, whatever else the caller gave', async () => {
    const { signal } = new AbortController()
    const looking = new Fallback({ chain: [(_cause, { deadline }) => String(deadline)] })

    expect(await looking.execute(() => Promise.reject(new Error('down')), { signal })).toBe('undefined')
  })

  it('gives it the time that is left, and a signal of its own', async () => {
    const clock = new SimClock()
    const seen: unknown[] = []
    let signal: AbortSignal | undefined
    const looking = new Fallback({
      chain: [
        (_cause, call) => {
          signal = call.signal
          seen.push(call.signal.aborted, call.deadline, call.remainingMs())
          return after(clock, 200, 'instead')()
        },
      ],
    })
    const stack = pipeline(looking, new Timeout({ timeoutMs: 50, clock }))

    const bounded = endOf(
      clock,
      stack.execute(({ signal: own }) => (own.aborted ? 'no' : never()), { budgetMs: 120 }),
    )

    expect(await bounded).toEqual({ end: 'ERR_DEADLINE_EXCEEDED', at: 120 })
    expect(seen).toEqual([false, 120, 70])
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toMatchObject({ code: 'ERR_DEADLINE_EXCEEDED' })
  })
})
