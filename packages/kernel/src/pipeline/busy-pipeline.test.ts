/**
 * The plain system clock, in real time: only there are reads of the clock spared, and only while calls follow each other fast. While
 * calls are made it goes slower here, so that they do so on any machine.
 */
import { Bulkhead, CircuitBreaker, constant, errorRate, Retry, Timeout } from '@breakwater/breaker'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Call } from '../call.js'
import { countingMeter } from './counting-meter.model.js'
import { buildRunner, pipeline, stagesOf } from './pipeline.js'

const CALLS = 10_000
const realNow = performance.now.bind(performance)
const SLOWED = 100
let reads = 0
let lagMs = 0
let slowedAt: number | undefined
const now = (): number => {
  const real = realNow()
  return (slowedAt === undefined ? real : slowedAt + (real - slowedAt) / SLOWED) - lagMs
}
beforeEach(() => {
  reads = 0
  lagMs = 0
  slowedAt = undefined
  performance.now = () => {
    reads++
    return now()
  }
})
afterEach(() => {
  performance.now = realNow
})

function block(ms: number): void {
  const end = realNow() + ms
  while (realNow() < end);
}

/** The clock lags behind from then on, and never jumps: no time is over early. */
function slow(): void {
  slowedAt = realNow()
}

function unslow(): void {
  if (slowedAt === undefined) return
  lagMs += (realNow() - slowedAt) * (1 - 1 / SLOWED)
  slowedAt = undefined
}

/** The end of this turn of the loop, where the time is told to all calls that do not know it. */
const turnEnds = (): Promise<number> =>
  new Promise((resolve) => {
    setImmediate(() => resolve(now()))
  })

const after = <T>(ms: number, value: T): Promise<T> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(value), ms)
  })

function stand() {
  const meter = countingMeter()
  const bulkhead = new Bulkhead({ limit: CALLS, releaseOnTimeout: true })
  const breaker = new CircuitBreaker({ trip: errorRate({ percent: 100, volume: 1_000_000 }) })
  const timeout = new Timeout({ timeoutMs: 100 })
  const stages = [breaker, bulkhead, timeout].flatMap((policy, index) => stagesOf(policy, index))
  return { meter, bulkhead, breaker, timeout, runner: buildRunner([meter.stage, ...stages], undefined) }
}

describe('a burst of calls in one turn, then a block of the loop', () => {
  it('T1 T2 X2: no timeout is early, answers that are there win, and every call ends once', async () => {
    const { runner, meter, bulkhead, timeout } = stand()
    const early: number[] = []
    const works: (() => unknown)[] = [
      () => 'at once',
      () => Promise.resolve('soon'),
      () => after(20, 'during the block'),
      () => new Promise(() => undefined),
    ]
    const outcomes: Promise<{ kind: string }>[] = []

    slow()
    for (let call = 0; call < CALLS; call++) {
      const startedAt = realNow()
      const outcome = runner.outcome(works[call % works.length]!, undefined)
      outcomes.push(outcome)
      void outcome.then(({ kind }) => {
        if (kind === 'timeout' && realNow() - startedAt < timeout.timeoutMs) early.push(realNow() - startedAt)
      })
    }
    unslow()
    const readsOfBurst = reads
    block(200)
    await Promise.all(outcomes)

    expect(readsOfBurst).toBeLessThan(CALLS)
    expect(early).toEqual([])
    expect(timeout.expirations).toBe(CALLS / 4)
    expect(meter.sums).toMatchObject({
      started: CALLS,
      ended: CALLS,
      success: (CALLS / 4) * 3,
      timeout: CALLS / 4,
    })
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })

  it('T1: a call that was not told the time knows how much is left of it', async () => {
    const timeout = new Timeout({ timeoutMs: 5_000 })
    const left: number[] = []
    const look = async (call: Call): Promise<unknown> => {
      const first = call.remainingMs()
      // The part of the turn before the time was read is a present, and as long as the machine makes it.
      await turnEnds()
      await after(50, 0)
      return left.push(first - call.remainingMs())
    }

    slow()
    const calls = Array.from({ length: 1_000 }, (_, index) => timeout.execute(index < 900 ? () => 1 : look))
    unslow()
    await Promise.all(calls)

    expect(reads).toBeLessThan(2_000)
    expect(left).toHaveLength(100)
    // All but a timer's rounding of what passed is gone.
    expect(Math.min(...left)).toBeGreaterThan(20)
  })

  it('R3: a call that was not told the time is not given it anew for its retries', async () => {
    const stack = pipeline(
      new Timeout({ timeoutMs: 200 }),
      new Retry({ maxRetries: 1, backoff: constant({ ms: 10 }) }),
    )
    const deadlines: number[] = []
    const again: number[] = []
    const failing = async (call: Call): Promise<unknown> => {
      if (call.attempt === 2) {
        again.push(call.deadline ?? NaN)
        return new Promise(() => undefined)
      }
      await after(150, 0)
      // The first look at the time comes late.
      deadlines.push(call.deadline ?? NaN)
      throw new Error('down')
    }

    slow()
    const calls = Array.from({ length: 1_000 }, (_, index) => stack.outcome(index < 900 ? () => 1 : failing))
    unslow()
    const endsAt = (await turnEnds()) + 200
    const ends = await Promise.all(calls)

    expect(deadlines).toHaveLength(100)
    expect(Math.max(...deadlines, ...again)).toBeLessThanOrEqual(endsAt)
    expect(ends.filter(({ kind }) => kind === 'success')).toHaveLength(900)
  })

  it('counts all of them in the breaker’s window', async () => {
    const { runner, breaker } = stand()

    const calls = Array.from({ length: CALLS }, (_, call) =>
      runner.outcome(
        call % 5 === 0 ? () => Promise.reject(new Error('down')) : () => Promise.resolve(1),
        undefined,
      ),
    )
    await Promise.all(calls)

    expect(breaker.snapshot()).toMatchObject({
      state: 'closed',
      successes: 8_000,
      failures: 2_000,
    })
  })

  it('X2: loses nothing where nothing can end a call early', async () => {
    const meter = countingMeter()
    const bulkhead = new Bulkhead({ limit: CALLS })
    const breaker = new CircuitBreaker({ trip: errorRate({ percent: 100, volume: 1_000_000 }) })
    const stages = [breaker, bulkhead].flatMap((policy, index) => stagesOf(policy, index))
    const runner = buildRunner([meter.stage, ...stages], undefined)
    const works = [
      () => 'at once',
      () => Promise.resolve('soon'),
      () => Promise.reject(new Error('down')),
      () => {
        throw new Error('down at once')
      },
      () => after(5, 'later'),
    ]

    slow()
    const calls = Array.from({ length: CALLS }, (_, call) =>
      runner.execute(works[call % works.length]!, undefined),
    )
    unslow()
    const ends = Promise.allSettled(calls)
    expect(reads).toBeLessThan(CALLS)
    const statuses = (await ends).map(({ status }) => status)

    expect(statuses.filter((status) => status === 'fulfilled')).toHaveLength((CALLS / 5) * 3)
    expect(meter.sums).toMatchObject({
      started: CALLS,
      ended: CALLS,
      success: 6_000,
      failure: 4_000,
      threw: 4_000,
    })
    expect(breaker.snapshot()).toMatchObject({ successes: 6_000, failures: 4_000 })
    expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
  })

  it('R1: asks about each answer', async () => {
    const retry = new Retry({
      maxRetries: 1,
      backoff: constant({ ms: 1 }),
      retryOnResult: (value) => value === 503,
    })
    let answers = 0

    const calls = Array.from({ length: 2_000 }, () => retry.execute(() => (++answers <= 2_000 ? 503 : 200)))

    expect(new Set(await Promise.all(calls))).toEqual(new Set([200]))
    expect(retry.counts).toEqual({ attempts: 2_000, success: 2_000, failure: 0, exhausted: 0 })
  })
})

describe('a trial in a busy pipeline', () => {
  it('ends at its own time, not at the one that the calls before it believed in', async () => {
    const breaker = new CircuitBreaker({ probes: { limit: 2, closeAfter: 1 } })
    const guarded = pipeline(breaker, new Timeout({ timeoutMs: 5_000 }))
    const halfOpenMs: number[] = []
    breaker.on('transition', ({ from, afterMs }) => {
      if (from === 'half-open') halfOpenMs.push(afterMs)
    })

    // All of it happens in one turn of the loop; no more than one of these trials can be a call that was told the time.
    for (let trial = 0; trial < 3; trial++) {
      slow()
      for (let call = 0; call < 1_000; call++) await guarded.execute(() => 1)
      unslow()
      breaker.openFor(0)
      breaker.tryAcquire()
      await guarded.execute(() => block(10))
    }

    expect(reads).toBeLessThan(1_500)
    expect(halfOpenMs.map((ms) => ms >= 10)).toEqual([true, true, true])
  })
})
