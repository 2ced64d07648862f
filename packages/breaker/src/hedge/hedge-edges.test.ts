import { pipeline } from '@breakwater/kernel'
import type { FallbackCause, Policy } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { constant } from '../backoff/backoff.js'
import { Bulkhead } from '../bulkhead/bulkhead.js'
import { CircuitBreaker } from '../circuit-breaker/circuit-breaker.js'
import { Retry } from '../retry/retry.js'
import { Timeout } from '../timeout/timeout.js'
import { Dependency, down, NEVER, race, warmUp } from './hedge.model.js'
import type { Script } from './hedge.model.js'
import { Hedge } from './hedge.js'

const generous = { delayMs: 10, maxExtraPercent: 1_000 }
const never = (): Promise<never> => new Promise(() => undefined)

/** Starts and announcements of one call with two hedges, in the turn of the call and later. */
async function begun(delayMs: number, ...scripts: Script[]): Promise<{ atOnce: number[]; told: unknown[] }> {
  const clock = new SimClock()
  const hedge = new Hedge({ ...generous, delayMs, maxHedges: 2, clock })
  const told: unknown[] = []
  hedge.on('hedge', (event) => told.push(event))
  const dependency = new Dependency(clock, scripts)
  void hedge.outcome(dependency.run)
  const atOnce = dependency.starts
  await clock.advance(100)
  return { atOnce, told }
}

describe('further attempts', () => {
  it('begin in the turn of the call where there is no delay', async () => {
    const { atOnce, told } = await begun(0, NEVER, NEVER, NEVER)

    expect(atOnce).toEqual([0, 0, 0])
    expect(told).toEqual([
      { attempt: 2, reason: 'slow', at: 0 },
      { attempt: 3, reason: 'slow', at: 0 },
    ])
  })

  it('are spaced from the one that began last, after a failure too', async () => {
    const { told } = await begun(10, { afterMs: 3, error: down() }, NEVER, NEVER)

    expect(told).toEqual([
      { attempt: 2, reason: 'failed', at: 3 },
      { attempt: 3, reason: 'slow', at: 13 },
    ])
  })

  it('are asked for while there may be one, and the call fails as the first did', async () => {
    const hedgeIf = vi.fn(() => true)
    const error = down('first')

    const { outcome } = await race({ hedgeIf }, { afterMs: 3, error }, { afterMs: 1, error: down('second') })

    expect(hedgeIf).toHaveBeenCalledOnce()
    expect(outcome).toEqual({ kind: 'failure', error })
  })

  it('end the call with an error that is no fault, without having won', async () => {
    const clock = new SimClock()
    const hedge = new Hedge({ ...generous, maxHedges: 2, clock })
    const breaker = new CircuitBreaker({ clock, classify: () => 'ignored' })
    const error = down()
    const dependency = new Dependency(clock, [NEVER, { afterMs: 5, error }])

    const outcome = pipeline(hedge, breaker).outcome(dependency.run)
    await clock.advance(100)

    expect(await outcome).toEqual({ kind: 'ignored', error })
    expect(hedge.counts).toMatchObject({ hedges: 1, won: 0 })
    expect(dependency.seen[0]?.abortedAt).toBe(15)
  })

  it('of a retry inside count as attempts of the call', async () => {
    const clock = new SimClock()
    const causes: FallbackCause[] = []
    const part = { applies: () => true, answer: (cause: FallbackCause) => void causes.push(cause) }
    const fallback = { stage: { slot: 'fallback', part, describe: () => ({ kind: 'fallback' }) } }
    const retry = new Retry({ maxRetries: 2, backoff: constant({ ms: 1 }), clock })

    await Promise.all([
      pipeline(fallback as never, new Hedge({ maxHedges: 0, clock }), retry).execute(() =>
        Promise.reject(down()),
      ),
      clock.advance(100),
    ])

    expect(causes[0]?.attempt).toBe(3)
  })
})

describe('a slot around a hedge', () => {
  it('is free at once when no work runs on', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ clock, limit: 1 })

    await pipeline(bulkhead, new Hedge({ ...generous, clock })).execute(() => 1)

    expect(bulkhead.snapshot().running).toBe(0)
  })

  it('is kept by work that ran out of time inside, until it ends', async () => {
    const clock = new SimClock()
    const bulkhead = new Bulkhead({ clock, limit: 1 })
    const stack = pipeline(
      bulkhead,
      new Hedge({ ...generous, maxHedges: 0, clock }),
      new Timeout({ timeoutMs: 10, clock }),
    )

    const outcome = stack.outcome(() => new Promise<void>((resolve) => clock.io(50, resolve)))
    await clock.advance(49)
    const whileItRuns = bulkhead.snapshot().running
    await clock.advance(1)

    expect((await outcome).kind).toBe('timeout')
    expect([whileItRuns, bulkhead.snapshot().running]).toEqual([1, 0])
  })
})

describe('a breaker around a call that runs out of time', () => {
  /** Failures that the breaker has counted, of a call with two attempts and so many slots for them. */
  async function failures(
    free: number,
    queue: number,
    ...between: ((clock: SimClock) => Policy)[]
  ): Promise<number> {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ clock })
    const bulkhead = new Bulkhead({ clock, limit: 1 + free, queue: { limit: queue } })
    void bulkhead.execute(never)
    const timeout = new Timeout({ timeoutMs: 50, clock })
    const inner = between.map((make) => make(clock))
    const stack = pipeline(
      breaker,
      timeout,
      new Hedge({ ...generous, delayMs: 0, clock }),
      ...inner,
      bulkhead,
    )

    const outcome = stack.outcome(never)
    await clock.advance(100)

    expect((await outcome).kind).toBe('timeout')
    return breaker.snapshot().failures
  }

  it('counts a failure when one of the attempts ran', async () => {
    expect(await failures(1, 1)).toBe(1)
  })

  it('counts a failure when one had run, though the other waited', async () => {
    const clock = new SimClock()
    const breaker = new CircuitBreaker({ clock })
    const bulkhead = new Bulkhead({ clock, limit: 1, queue: { limit: 2 } })
    const timeout = new Timeout({ timeoutMs: 50, clock })
    const stack = pipeline(breaker, timeout, new Hedge({ ...generous, delayMs: 1_000, clock }), bulkhead)
    const dependency = new Dependency(clock, [{ afterMs: 5, error: down() }])

    const outcome = stack.outcome(dependency.run)
    void bulkhead.execute(never)
    await clock.advance(100)

    expect([(await outcome).kind, dependency.starts]).toEqual(['timeout', [0]])
    expect(breaker.snapshot().failures).toBe(1)
  })

  it('counts none when all waited for a slot', async () => {
    expect(await failures(0, 2)).toBe(0)
  })

  it('counts none when one was refused and the other waited', async () => {
    expect(await failures(0, 1)).toBe(0)
  })
})

describe('the delay of a percentile', () => {
  const learnt = { maxExtraPercent: 1_000, hedgeIf: () => false }

  /** How long after the first attempt the second one of a call begins. */
  async function delayOf(hedge: Hedge, clock: SimClock): Promise<number> {
    const dependency = new Dependency(clock, [NEVER])
    void hedge.outcome(dependency.run)
    await clock.advance(10_000)
    return (dependency.starts[1] ?? Infinity) - (dependency.starts[0] ?? 0)
  }

  it('learns from calls that ran out of time', async () => {
    const clock = new SimClock()
    const hedge = new Hedge({ ...learnt, percentile: 50, clock })
    const limited = pipeline(new Timeout({ timeoutMs: 100, clock }), hedge)
    await clock.advance(500)
    for (let call = 0; call < 20; call++) {
      void limited.outcome(never)
      await clock.advance(100)
    }

    expect(await delayOf(hedge, clock)).toBeCloseTo(100, -1)
  })

  it('learns nothing from calls that the caller gave up', async () => {
    const clock = new SimClock()
    const hedge = new Hedge({ ...learnt, percentile: 50, clock })
    for (let call = 0; call < 20; call++) {
      const caller = new AbortController()
      void hedge.outcome(never, { signal: caller.signal })
      await clock.advance(100)
      caller.abort()
    }

    expect(await delayOf(hedge, clock)).toBe(Infinity)
  })

  it('learns from attempts that lost for how long they ran', async () => {
    const clock = new SimClock()
    const hedge = new Hedge({ ...learnt, percentile: 90, clock })
    await warmUp(hedge, clock, Array<number>(20).fill(100))
    for (let call = 0; call < 8; call++) {
      void hedge.execute(new Dependency(clock, [NEVER, { afterMs: 50 }]).run)
      await clock.advance(200)
    }

    // Each first attempt ran for 50 ms longer than the delay was, and these are the last tenth by now.
    const delayMs = await delayOf(hedge, clock)
    expect(delayMs).toBeGreaterThan(140)
    expect(delayMs).toBeLessThan(500)
  })

  it('is right though calls come so fast that the clock is not read for each', async () => {
    // Reads of the system's clock only are spared; its time is simulated below it.
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const hedge = new Hedge({ ...learnt, percentile: 50 })
    await vi.advanceTimersByTimeAsync(5_000)
    let end: () => void = () => undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    const calls = Array.from({ length: 200 }, () => hedge.execute(() => ended))
    await vi.advanceTimersByTimeAsync(100)
    end()
    await Promise.all(calls)
    // What was learnt is looked at now and then.
    await vi.advanceTimersByTimeAsync(1_900)

    const attempts = vi.fn(never)
    void hedge.outcome(attempts)
    await vi.advanceTimersByTimeAsync(90)
    const early = attempts.mock.calls.length
    await vi.advanceTimersByTimeAsync(20)

    expect([early, attempts.mock.calls.length]).toEqual([1, 2])
  })
})
