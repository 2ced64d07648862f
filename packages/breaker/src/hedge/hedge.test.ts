import { HedgeLostError, InvalidOptionsError, onInternalError, pipeline } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, vi } from 'vitest'
import { RetryBudget } from '../retry/retry-budget.js'
import { Dependency, down, NEVER, race, warmUp } from './hedge.model.js'
import { Hedge } from './hedge.js'

describe('a hedge', () => {
  it('leaves a quick call alone', async () => {
    const { outcome, dependency, hedge } = await race({}, { afterMs: 9 })

    expect(outcome).toEqual({ kind: 'success', value: 'attempt 1' })
    expect(dependency.starts).toEqual([0])
    expect(hedge.counts).toEqual({ calls: 1, hedges: 0, won: 0, denied: 0 })
  })

  it('sends a second attempt after the delay, and takes the first answer', async () => {
    const { outcome, dependency, endedAt, hedge } = await race({}, NEVER, { afterMs: 5 })

    expect(outcome).toEqual({ kind: 'success', value: 'attempt 2' })
    expect(dependency.starts).toEqual([0, 10])
    expect(endedAt).toBe(15)
    expect(hedge.counts).toEqual({ calls: 1, hedges: 1, won: 1, denied: 0 })
  })

  it('tells each attempt that lost, by its own signal', async () => {
    const { dependency, hedge } = await race({}, { afterMs: 20 }, NEVER)

    const [winner, loser] = dependency.seen
    expect(winner?.call.signal.aborted).toBe(false)
    expect(loser?.abortedAt).toBe(20)
    expect(loser?.call.signal.reason).toBeInstanceOf(HedgeLostError)
    expect(loser?.call.signal.reason).toMatchObject({
      code: 'ERR_HEDGE_LOST',
      message: 'another attempt of the same call answered first',
    })
    expect(hedge.counts.won).toBe(0)
  })

  it('spaces the attempts of a call, up to maxHedges', async () => {
    const { dependency } = await race({ maxHedges: 3, maxExtraPercent: 1_000 })

    expect(dependency.starts).toEqual([0, 10, 20, 30])
    expect(dependency.seen.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
  })

  it('begins all at once with delayMs 0, and none with maxHedges 0', async () => {
    const all = await race({ delayMs: 0, maxHedges: 2, maxExtraPercent: 1_000 })
    const none = await race({ maxHedges: 0 })

    expect(all.dependency.starts).toEqual([0, 0, 0])
    expect(none.dependency.starts).toEqual([0])
  })

  it('tells of each further attempt, and of one that answers first', async () => {
    const clock = new SimClock()
    const hedge = new Hedge({ delayMs: 10, clock })
    const told: unknown[] = []
    hedge.on('hedge', (event) => told.push(event))
    hedge.on('won', (event) => told.push(event))
    const { run } = new Dependency(clock, [NEVER, { afterMs: 5 }])

    void hedge.execute(run)
    await clock.advance(100)

    expect(told).toEqual([
      { attempt: 2, reason: 'slow', at: 10 },
      { attempt: 2, at: 15 },
    ])
  })
})

describe('after a failure', () => {
  it('the next attempt begins at once', async () => {
    const { outcome, dependency } = await race({}, { afterMs: 3, error: down() }, { afterMs: 1 })

    expect(outcome).toEqual({ kind: 'success', value: 'attempt 2' })
    expect(dependency.starts).toEqual([0, 3])
  })

  it('those that still run may answer', async () => {
    const { outcome, endedAt } = await race({}, { afterMs: 30 }, { afterMs: 1, error: down() })

    expect(outcome).toEqual({ kind: 'success', value: 'attempt 1' })
    expect(endedAt).toBe(30)
  })

  it('of all attempts the call fails as the first did', async () => {
    const [first, second] = [down('first'), down('second')]

    const { outcome } = await race({}, { afterMs: 30, error: first }, { afterMs: 1, error: second })

    expect(outcome.kind === 'failure' && outcome.error).toBe(first)
  })

  it('hedgeIf decides whether the next begins at once', async () => {
    const hedgeIf = vi.fn(() => false)
    const error = down()

    const { outcome, dependency } = await race({ hedgeIf }, { afterMs: 3, error })

    expect(dependency.starts).toEqual([0])
    expect(outcome).toEqual({ kind: 'failure', error })
    expect(hedgeIf).toHaveBeenCalledWith(error, { kind: 'failure', attempt: 1 })
  })

  it('a hedgeIf that throws means no, and is reported', async () => {
    const reported = vi.fn()
    const stop = onInternalError(reported)

    const { dependency } = await race(
      {
        hedgeIf: () => {
          throw new Error('broken')
        },
      },
      { afterMs: 3, error: down() },
    )
    stop()

    expect(dependency.starts).toEqual([0])
    expect(reported).toHaveBeenCalledOnce()
  })

  it('work that throws at once gets company too', async () => {
    let made = 0

    const answer = await new Hedge({ delayMs: 10 }).execute(({ attempt }) => {
      if (++made === 1) throw down()
      return attempt
    })

    expect(answer).toBe(2)
  })
})

describe('the delay of a percentile', () => {
  it('is known from 20 attempts on', async () => {
    const clock = new SimClock()
    const hedge = new Hedge({ percentile: 90, maxExtraPercent: 100, clock })
    await warmUp(hedge, clock, Array<number>(19).fill(50))
    const early = new Dependency(clock, [{ afterMs: 900 }])
    void hedge.execute(early.run)
    await clock.advance(2_000)
    const late = new Dependency(clock, [{ afterMs: 900 }])
    void hedge.execute(late.run)
    await clock.advance(2_000)

    expect(early.starts).toHaveLength(1)
    expect(late.starts[1]).toBeDefined()
    expect((late.starts[1] ?? 0) - (late.starts[0] ?? 0)).toBeGreaterThanOrEqual(47)
    expect((late.starts[1] ?? 0) - (late.starts[0] ?? 0)).toBeLessThanOrEqual(54)
  })

  it('is not lowered by failures, nor by attempts that lost', async () => {
    const clock = new SimClock()
    const hedge = new Hedge({ percentile: 50, maxExtraPercent: 1_000, hedgeIf: () => false, clock })
    await warmUp(hedge, clock, Array<number>(20).fill(100))
    await clock.advance(1_000)
    for (let call = 0; call < 60; call++) {
      void hedge.outcome(() => Promise.reject(down()))
      // Each first attempt loses after 110 ms, to a second one of 10 ms.
      const { run } = new Dependency(clock, [NEVER, { afterMs: 10 }])
      void hedge.execute(run)
      await clock.advance(150)
    }
    const last = new Dependency(clock, [NEVER])
    void hedge.outcome(last.run)
    await clock.advance(1_000)

    // The 60 answers of 10 ms would make it 10 ms, were they all that counts.
    expect((last.starts[1] ?? 0) - (last.starts[0] ?? 0)).toBeGreaterThan(90)
  })
})

describe('what limits further attempts', () => {
  it('is a share of the calls, rounded up, without a floor', async () => {
    const clock = new SimClock()
    const hedge = new Hedge({ delayMs: 10, maxExtraPercent: 10, clock })
    const denied = vi.fn()
    hedge.on('denied', denied)

    for (let call = 0; call < 25; call++) void hedge.outcome(() => new Promise(() => undefined))
    await clock.advance(100)

    expect(hedge.counts).toEqual({ calls: 25, hedges: 3, won: 0, denied: 22 })
    expect(denied).toHaveBeenCalledTimes(22)
    expect(denied).toHaveBeenLastCalledWith({ attempt: 2, at: 10 })
  })

  it('is the shared budget besides, where the calls count too', async () => {
    const clock = new SimClock()
    const budget = new RetryBudget({ percent: 10, minPerSecond: 0 })
    const hedge = new Hedge({ delayMs: 10, maxExtraPercent: 1_000, budget, clock })

    for (let call = 0; call < 20; call++) void hedge.outcome(() => new Promise(() => undefined))
    await clock.advance(100)

    expect(budget.snapshot()).toEqual({ calls: 20, retries: 2 })
    expect(hedge.counts.hedges).toBe(2)
  })

  it('spends nothing of the budget when its own allowance is used up', async () => {
    const clock = new SimClock()
    const budget = new RetryBudget({ percent: 100 })
    const hedge = new Hedge({ delayMs: 10, maxExtraPercent: 0, budget, clock })

    void hedge.outcome(() => new Promise(() => undefined))
    await clock.advance(100)

    expect(budget.snapshot().retries).toBe(0)
    expect(hedge.counts.denied).toBe(1)
  })
})

describe('options', () => {
  it('are refused together', () => {
    const make = (): unknown =>
      new Hedge({ delayMs: -1, percentile: 100, maxHedges: 11, budget: {} as RetryBudget })

    expect(make).toThrow(InvalidOptionsError)
    expect(issuesOf(make)).toEqual(['delayMs', 'percentile', 'maxHedges', 'budget'])
  })

  it('say the delay once', () => {
    expect(issuesOf(() => new Hedge({ delayMs: 5, percentile: 95 }))).toEqual(['percentile'])
  })

  it('appear in the description of a pipeline', () => {
    const [description] = pipeline(new Hedge({ percentile: 99, name: 'users' })).describe()

    expect(description).toMatchObject({ kind: 'hedge', name: 'users', options: { maxExtraPercent: 2 } })
  })
})

function issuesOf(make: () => unknown): string[] {
  try {
    make()
    return []
  } catch (error) {
    return (error as InvalidOptionsError).issues.map(({ path }) => path)
  }
}
