import '@breakwater/testing/vitest'
import { describe, expect, it } from 'vitest'
import { linear } from '../backoff/backoff.js'
import {
  acquire,
  admits,
  answering,
  DOWN,
  edges,
  end,
  failing,
  setUp,
  setUpForTrial,
  times,
  transitionsOf,
} from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { consecutiveFailures, errorRate } from './trip-rules.js'

const HALF_OF_TWO = errorRate({ percent: 50, volume: 2, windowMs: 10_000 })

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

describe('commands', () => {
  it('forceOpen refuses everybody, for as long as it is held', async () => {
    const { clock, breaker } = setUp()
    const transitions = transitionsOf(breaker)

    breaker.forceOpen('maintenance')
    await clock.advance(1e9)

    expect(breaker).toHaveState('forced-open')
    expect(admits(breaker)).toBe(false)
    await expect(breaker.execute(answering)).toRejectWithCode('ERR_CIRCUIT_OPEN')
    expect(breaker.snapshot().retryAfterMs).toBe(Infinity)
    expect(transitions[0]?.reason).toBe('maintenance')
  })

  it('forceClosed and observeOnly admit and count, and never trip', async () => {
    for (const command of ['forceClosed', 'observeOnly'] as const) {
      const { breaker } = setUp()
      breaker[command]()

      for (let call = 0; call < 5; call++) await breaker.outcome(failing)

      expect(breaker).toHaveState(command === 'forceClosed' ? 'forced-closed' : 'metrics-only')
      expect(breaker.snapshot()).toMatchObject({ failures: 5, rejections: 0 })
    }
  })

  it('disable admits and counts nothing', async () => {
    const { breaker } = setUp()
    breaker.disable()

    for (let call = 0; call < 5; call++) await breaker.outcome(failing)
    await breaker.execute(answering)

    expect(breaker).toHaveState('disabled')
    expect(breaker.snapshot()).toMatchObject({ total: 0, consecutiveFailures: 0 })
  })

  it('forceOpen wins over forceClosed, in either order', () => {
    const { breaker } = setUp()

    breaker.forceOpen()
    breaker.forceClosed()
    expect(breaker).toHaveState('forced-open')

    breaker.release()
    breaker.forceClosed()
    breaker.forceOpen()
    expect(breaker).toHaveState('forced-open')
  })

  it('release goes by what the window holds, not by the state before', async () => {
    const { clock, breaker } = setUp({ trip: HALF_OF_TWO })
    breaker.forceClosed()
    end(breaker, 'failure', 'failure')
    breaker.release()
    expect(breaker).toBeOpen()

    breaker.forceOpen()
    await clock.advance(10_000)
    breaker.release()
    expect(breaker).toBeClosed()
  })

  it('release does nothing while nothing is held', () => {
    const { breaker } = setUp()
    end(breaker, 'failure')
    const transitions = transitionsOf(breaker)

    breaker.release()

    expect(breaker).toBeOpen()
    expect(transitions).toEqual([])
  })

  it('openFor refuses for exactly so long, also when it is open already', async () => {
    const { clock, breaker } = setUp()

    breaker.openFor(3_000, 'the server said 503 with Retry-After')
    expect(breaker.snapshot()).toMatchObject({ state: 'open', retryAfterMs: 3_000 })
    breaker.openFor(500)
    await clock.advance(499)
    expect(admits(breaker)).toBe(false)
    await clock.advance(1)
    expect(admits(breaker)).toBe(true)
  })

  it('openFor does nothing while a state is forced', () => {
    const { breaker } = setUp()
    breaker.forceClosed()

    breaker.openFor(3_000)

    expect(breaker).toHaveState('forced-closed')
  })

  it('openFor refuses what is no duration', () => {
    const { breaker } = setUp()

    for (const ms of [-1, NaN, Infinity, 2 ** 31, '5' as unknown as number]) {
      expect(() => breaker.openFor(ms)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTIONS' }))
    }
    expect(breaker).toBeClosed()
  })
})

describe('reset', () => {
  it('closes with empty windows from any state', () => {
    for (const leave of ['forceOpen', 'forceClosed', 'disable', 'observeOnly', 'release'] as const) {
      const { breaker } = setUp()
      end(breaker, 'failure')
      breaker[leave]()

      breaker.reset()

      expect(breaker.snapshot()).toMatchObject({ state: 'closed', total: 0, consecutiveFailures: 0 })
      end(breaker, 'failure')
      expect(breaker).toBeOpen()
    }
  })

  it('lets a breaker that was closed trip as before', async () => {
    const { breaker } = setUp({ trip: HALF_OF_TWO })
    end(breaker, 'failure')

    breaker.reset()
    await breaker.outcome(failing)
    expect(breaker).toBeClosed()
    await breaker.outcome(failing)

    expect(breaker).toBeOpen()
  })

  it('drops the results of calls that began before it', () => {
    const { breaker } = setUp()
    const permit = acquire(breaker)

    breaker.reset()
    permit.settle('failure')

    expect(breaker.snapshot()).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('ends a half-open state', () => {
    const { breaker } = setUpForTrial()
    const trial = acquire(breaker)

    breaker.reset()
    trial.settle('failure')

    expect(breaker).toBeClosed()
    expect(admits(breaker)).toBe(true)
  })
})

describe('the open time', () => {
  it('grows with each trip until a recovery', async () => {
    const { clock, breaker } = setUp({ openMs: linear({ baseMs: 100, maxMs: 250 }) })
    const transitions = transitionsOf(breaker)
    for (const _ of times(3, 0)) {
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
