import '@breakwater/testing/vitest'
import { pipeline } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { Timeout } from '../timeout/timeout.js'
import { acquire, end, hanging, setUp, setUpForTrial, times, transitionsOf } from './breaker-steps.model.js'
import type { CircuitBreakerOptions } from './circuit-breaker-options.js'
import { consecutiveFailures, errorRate, slowCalls } from './trip-rules.js'

const SLOW = slowCalls({ slowerThanMs: 100, percent: 50, volume: 4, windowMs: 10_000 })
const options: CircuitBreakerOptions = { trip: SLOW }

describe('slow calls', () => {
  it('open a breaker while they are still in flight', async () => {
    const { clock, breaker } = setUp(options)
    const transitions = transitionsOf(breaker)
    for (const work of times(4, hanging)) void breaker.execute(work)

    await clock.advance(99)
    expect(breaker).toBeClosed()
    await clock.advance(1)

    expect(transitions).toMatchObject([
      { to: 'open', reason: 'slow-calls', counts: { slow: 4, total: 0 }, at: 100 },
    ])
  })

  it('count once, not again when they end', async () => {
    const { clock, breaker } = setUp(options)
    const permits = times(3, 0).map(() => acquire(breaker))

    await clock.advance(100)
    for (const permit of permits) permit.settle('success')

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', slow: 3, successes: 3 })
  })

  it('count as what they end as, too', async () => {
    const { clock, breaker } = setUp({ trip: [SLOW, errorRate({ percent: 100, volume: 2 })] })
    const permits = [acquire(breaker), acquire(breaker)]

    await clock.advance(100)
    for (const permit of permits) permit.settle('failure')

    expect(breaker.snapshot()).toMatchObject({ state: 'open', slow: 2, failures: 2 })
  })

  it('open a breaker also when a fast call completes the volume', async () => {
    const { clock, breaker } = setUp(options)
    for (const work of times(3, hanging)) void breaker.execute(work)
    await clock.advance(100)
    expect(breaker).toBeClosed()

    end(breaker, 'success')

    expect(breaker).toBeOpen()
  })

  it('are compared with all calls that tell about speed', async () => {
    const { clock, breaker } = setUp(options)
    end(breaker, ...times(5, 'success' as const))
    for (const work of times(4, hanging)) void breaker.execute(work)
    await clock.advance(100)
    expect(breaker).toBeClosed()

    void breaker.execute(hanging)
    await clock.advance(100)

    expect(breaker).toBeOpen()
  })

  it('are not those that answer in time, to the millisecond', async () => {
    const { clock, breaker } = setUp(options)
    const answers = times(6, 0).map(() =>
      breaker.execute(() => new Promise((resolve) => clock.io(100, () => resolve('up')))),
    )

    await clock.advance(100)

    expect(await Promise.all(answers)).toEqual(times(6, 'up'))
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', slow: 0, successes: 6 })
  })

  it('leave the window like all else', async () => {
    const { clock, breaker } = setUp(options)
    for (const work of times(3, hanging)) void breaker.execute(work)
    await clock.advance(100)

    await clock.advance(10_000)
    void breaker.execute(hanging)
    await clock.advance(100)

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', slow: 1 })
  })

  it('count when a timeout ends them, also one that is no longer than they may take', async () => {
    for (const timeoutMs of [100, 250]) {
      const { clock, breaker } = setUp(options)
      const timed = pipeline(breaker, new Timeout({ timeoutMs, clock }))
      const outcomes = times(3, hanging).map((work) => timed.outcome(work))

      await clock.advance(timeoutMs)

      for (const outcome of outcomes) expect(await outcome).toHaveOutcome('timeout')
      expect(breaker.snapshot()).toMatchObject({ slow: 3, failures: 3 })
    }
  })

  it('are none where a shorter timeout ends the calls', async () => {
    const { clock, breaker } = setUp({ trip: [SLOW, errorRate()] })
    const timed = pipeline(breaker, new Timeout({ timeoutMs: 60, clock }))
    const outcomes = times(4, hanging).map((work) => timed.outcome(work))

    await clock.advance(200)

    for (const outcome of outcomes) expect(await outcome).toHaveOutcome('timeout')
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', slow: 0, failures: 4 })
  })

  it('are not counted while disabled, nor when they began before a transition', async () => {
    const { clock, breaker } = setUp(options)
    acquire(breaker)
    breaker.disable()
    acquire(breaker)

    await clock.advance(100)

    expect(breaker.snapshot()).toMatchObject({ state: 'disabled', slow: 0 })
  })

  it('are counted while forced closed', async () => {
    const { clock, breaker } = setUp(options)
    breaker.forceClosed()
    for (const work of times(5, hanging)) void breaker.execute(work)

    await clock.advance(100)
    expect(breaker.snapshot()).toMatchObject({ state: 'forced-closed', slow: 5 })
    breaker.release()

    expect(breaker).toBeOpen()
  })

  it('open a half-open breaker again, at the moment the trial becomes slow', async () => {
    const { clock, breaker } = setUpForTrial({ trip: [consecutiveFailures(1), SLOW] })
    const transitions = transitionsOf(breaker)
    const trial = acquire(breaker)
    const late: string[] = []
    breaker.on('late', ({ kind }) => late.push(kind))

    await clock.advance(100)
    trial.settle('success')

    expect(breaker).toBeOpen()
    expect(transitions.at(-1)).toMatchObject({ reason: 'trial was slow', at: 1_100 })
    expect(late).toEqual(['success'])
  })

  it('are those whose measured time says so, when a permit is settled with one', () => {
    const { breaker } = setUp(options)

    for (const durationMs of [0, 100, 100.1, 5_000]) acquire(breaker).settle('success', durationMs)

    expect(breaker.snapshot()).toMatchObject({ slow: 2, successes: 4 })
  })

  it('are synchronous calls that keep the loop busy for too long', () => {
    const { clock, breaker } = setUp(options)

    breaker.executeSync(() => clock.stall(100))
    breaker.executeSync(() => clock.stall(101))
    expect(() =>
      breaker.executeSync(() => {
        clock.stall(500)
        throw new Error('late and wrong')
      }),
    ).toThrow('late and wrong')

    expect(breaker.snapshot()).toMatchObject({ slow: 2, successes: 2, failures: 1 })
  })

  it('leave no timer behind once they have ended', async () => {
    const { clock, breaker } = setUp(options)
    for (const permit of times(50, 0).map(() => acquire(breaker))) permit.settle('success')

    await clock.advance(1_000)

    expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
  })
})

describe('a stalled loop', () => {
  const stack = (): ReturnType<typeof setUp> & { call: (afterMs: number) => Promise<unknown> } => {
    const { clock, breaker } = setUp({
      trip: [errorRate({ volume: 5 }), slowCalls({ slowerThanMs: 500, volume: 5 })],
    })
    const guarded = pipeline(breaker, new Timeout({ timeoutMs: 1_000, clock }))
    const call = (afterMs: number): Promise<unknown> =>
      guarded.execute(() => new Promise((resolve) => clock.io(clock.now() + afterMs, () => resolve('up'))))
    return { clock, breaker, call }
  }

  it('makes no call slow, late or failed whose answer was there in time', async () => {
    const { clock, breaker, call } = stack()
    const answers = times(50, 50).map(call)

    clock.stall(2_000)
    await clock.advance(0)

    expect(await Promise.all(answers)).toEqual(times(50, 'up'))
    expect(breaker.snapshot()).toMatchObject({ state: 'closed', slow: 0, failures: 0, successes: 50 })
  })

  it('in a timer or in the delivery of an answer is forgiven as well', async () => {
    for (const phase of ['schedule', 'io'] as const) {
      const { clock, breaker, call } = stack()
      const answers = times(50, 50).map(call)
      clock[phase](20, () => clock.stall(2_000))

      await clock.advance(100)

      expect(await Promise.all(answers)).toEqual(times(50, 'up'))
      expect(breaker.snapshot()).toMatchObject({ state: 'closed', slow: 0, failures: 0 })
    }
  })

  it('does not save calls whose answers were not there in time', async () => {
    const { clock, breaker, call } = stack()
    const answers = times(5, 3_000).map(call)
    const settled = Promise.allSettled(answers)

    clock.stall(2_000)
    await clock.advance(600)

    expect((await settled).map(({ status }) => status)).toEqual(times(5, 'rejected'))
    expect(breaker).toBeOpen()
  })
})
