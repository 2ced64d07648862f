import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { linear } from '../backoff/backoff.js'
import {
  admits,
  answering,
  DOWN,
  edges,
  end,
  failing,
  setUp,
  times,
  transitionsOf,
} from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { consecutiveFailures } from './trip-rules.js'

describe('CircuitBreaker', () => {
  it('is closed at first, and passes answers and errors through as they are', async () => {
    const breaker = new CircuitBreaker()

    expect(breaker).toBeClosed()
    expect(await breaker.execute(answering)).toBe('up')
    expect(await breaker.execute(() => 'at once')).toBe('at once')
    await expect(breaker.execute(failing)).rejects.toBe(DOWN)
    expect(await breaker.outcome(failing)).toEqual({ kind: 'failure', error: DOWN })
  })

  it('opens, refuses without calling, tries again after its open time, and closes', async () => {
    const { clock, breaker } = setUp()
    const transitions = transitionsOf(breaker)
    let calls = 0
    const work = (): string => `answer ${String(++calls)}`
    await breaker.outcome(failing)
    expect(breaker).toBeOpen()

    await clock.advance(999)
    await expect(breaker.execute(work)).toRejectWithCode('ERR_CIRCUIT_OPEN')
    expect(calls).toBe(0)

    await clock.advance(1)
    expect(breaker).toBeOpen()
    expect(await breaker.execute(work)).toBe('answer 1')
    expect(breaker).toBeClosed()
    expect(edges(transitions)).toEqual(['closed > open', 'open > half-open', 'half-open > closed'])
  })

  it('wraps a function, keeping its parameters and `this`', async () => {
    const { breaker } = setUp()
    const users = {
      prefix: 'user',
      get: breaker.wrap(function (this: { prefix: string }, id: number, suffix: string) {
        return `${this.prefix} ${String(id)}${suffix}`
      }),
    }

    expect(await users.get(7, '!')).toBe('user 7!')
    end(breaker, 'failure')
    await expect(users.get(7, '!')).toRejectWithCode('ERR_CIRCUIT_OPEN')
  })

  it('counts a function that throws as a failure', async () => {
    const { breaker } = setUp()

    const thrown = breaker.execute(() => {
      throw DOWN
    })

    await expect(thrown).rejects.toBe(DOWN)
    expect(breaker).toBeOpen()
  })

  it('shows what it counts', async () => {
    const { clock, breaker } = setUp({ trip: consecutiveFailures(2), name: undefined })
    await breaker.outcome(failing)
    await breaker.execute(answering)
    await breaker.outcome(failing)
    await clock.advance(250)

    expect(breaker.snapshot()).toMatchObject({
      name: undefined,
      state: 'closed',
      inStateMs: 250,
      retryAfterMs: 0,
      rejections: 0,
      successes: 1,
      failures: 2,
      slow: 0,
      total: 3,
      consecutiveFailures: 1,
      latency: { count: 3, max: 0 },
    })
  })

  it('shows the time left and the refusals while it is open', async () => {
    const { clock, breaker } = setUp()
    end(breaker, 'failure')
    await clock.advance(400)
    admits(breaker)
    await breaker.outcome(answering)

    expect(breaker.snapshot()).toMatchObject({
      state: 'open',
      inStateMs: 400,
      retryAfterMs: 600,
      rejections: 2,
    })
  })

  it('shows the latencies of about the last ten seconds', async () => {
    const { clock, breaker } = setUp()
    const slowly = breaker.execute(() => new Promise((resolve) => clock.io(80, () => resolve('up'))))
    await clock.advance(80)
    await slowly
    end(breaker, 'success')

    const { latency } = breaker.snapshot()
    expect(latency).toMatchObject({ count: 2, p50: 0 })
    expect(latency.max).toBeGreaterThanOrEqual(80)
    expect(latency.p99).toBeGreaterThan(75)
    await clock.advance(20_000)
    expect(breaker.snapshot().latency).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 })
  })
})

describe('the open time', () => {
  it('grows with each trip until a recovery', async () => {
    const { clock, breaker } = setUp({ openMs: linear({ baseMs: 100, maxMs: 250 }) })
    const transitions = transitionsOf(breaker)
    for (let trips = 0; trips < 3; trips++) {
      end(breaker, 'failure')
      await clock.advance(250)
    }

    end(breaker, 'success', 'failure')

    expect(transitions.flatMap(({ openMs }) => openMs ?? [])).toEqual([100, 200, 250, 100])
  })

  it('is from half to all of 5 s at first without options, and never longer than 60 s', () => {
    const drawn = (next: number): number[] => {
      const { clock, breaker } = setUp({ openMs: undefined, random: { next: () => next } })
      return times(6, 0).map(() => {
        end(breaker, 'failure')
        const { retryAfterMs } = breaker.snapshot()
        clock.stall(retryAfterMs)
        return retryAfterMs
      })
    }

    expect(drawn(0)).toEqual([2_500, 5_000, 10_000, 20_000, 30_000, 30_000])
    expect(drawn(1 - Number.EPSILON).map(Math.round)).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000])
  })
})
