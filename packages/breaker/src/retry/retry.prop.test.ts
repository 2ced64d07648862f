import { pipeline } from '@breakwater/kernel'
import { seededRandom, SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decorrelated, exponential } from '../backoff/backoff.js'
import { Timeout } from '../timeout/timeout.js'
import { Retry } from './retry.js'
import { RetryBudget } from './retry-budget.js'

/** How one attempt goes. */
const attempt = fc.record({
  takesMs: fc.option(fc.nat(80), { nil: undefined }),
  fails: fc.boolean(),
  asksMs: fc.option(fc.nat(60), { nil: undefined }),
})

const setup = fc.record({
  maxRetries: fc.nat(5),
  attemptMs: fc.constantFrom(20, 50),
  totalMs: fc.constantFrom(60, 150, 400),
  seed: fc.nat(1_000),
  script: fc.array(attempt, { minLength: 6, maxLength: 6 }),
})

describe('a retry under a whole time', () => {
  it('R1 R2 R3 R6: attempts, waits and elapsed time stay within their limits', async () => {
    await fc.assert(
      fc.asyncProperty(setup, async ({ maxRetries, attemptMs, totalMs, seed, script }) => {
        const clock = new SimClock()
        const begins: number[] = []
        const waits: { delayMs: number; asked: number }[] = []
        let asked = 0
        const retry = new Retry({
          maxRetries,
          backoff: decorrelated({ baseMs: 10, maxMs: 40 }),
          random: seededRandom(seed),
          clock,
        })
        retry.on('retry', ({ delayMs, outcome }) =>
          waits.push({ delayMs, asked: outcome.kind === 'failure' ? asked : 0 }),
        )
        const stack = pipeline(
          new Timeout({ timeoutMs: totalMs, clock }),
          retry,
          new Timeout({ timeoutMs: Math.min(attemptMs, totalMs), clock }),
        )
        let endedAt = -1
        const outcome = stack.outcome(({ attempt: number }) => {
          begins.push(clock.now())
          const { takesMs, fails, asksMs } = script[number - 1] ?? {
            takesMs: 0,
            fails: true,
            asksMs: undefined,
          }
          asked = asksMs ?? 0
          return new Promise((resolve, reject) => {
            if (takesMs === undefined) return
            const end = fails
              ? () => reject(Object.assign(new Error('down'), { retryAfterMs: asksMs }))
              : () => resolve(1)
            clock.io(clock.now() + takesMs, end)
          })
        })
        void outcome.then(() => (endedAt = clock.now()))

        await clock.advance(10_000)

        expect(begins.length).toBeGreaterThanOrEqual(1)
        expect(begins.length).toBeLessThanOrEqual(maxRetries + 1)
        expect(waits).toHaveLength(begins.length - 1)
        for (const { delayMs, asked: askedMs } of waits) {
          expect(delayMs).toBeGreaterThanOrEqual(Math.max(10, askedMs))
          expect(delayMs).toBeLessThanOrEqual(Math.max(40, askedMs))
        }
        expect(endedAt).toBeGreaterThanOrEqual(0)
        // What is left of the time is rounded up to whole milliseconds.
        expect(endedAt).toBeLessThan(totalMs + 1)
        expect(retry.counts.attempts).toBe(begins.length - 1)
        expect(clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
      }),
      { numRuns: 400 },
    )
  }, 60_000)
})

describe('the waits of a retry', () => {
  it('R2: full jitter draws from nothing to the cap, half of it on average', async () => {
    const clock = new SimClock()
    const capMs = 1_000
    const backoff = exponential({ firstMs: capMs, maxMs: capMs, jitter: 'full' })
    const retry = new Retry({ maxRetries: 1_000, backoff, random: seededRandom(42), clock })
    let sum = 0
    let count = 0
    let [least, most] = [Infinity, 0]
    retry.on('retry', ({ delayMs }) => {
      sum += delayMs
      count++
      least = Math.min(least, delayMs)
      most = Math.max(most, delayMs)
    })

    for (let call = 0; call < 10; call++) {
      void retry.outcome(() => {
        throw new Error('down')
      })
    }
    await clock.advance(1_000 * capMs)

    expect(count).toBe(10_000)
    expect(sum / count).toBeGreaterThan(0.98 * (capMs / 2))
    expect(sum / count).toBeLessThan(1.02 * (capMs / 2))
    expect(least).toBeGreaterThanOrEqual(0)
    expect(most).toBeLessThanOrEqual(capMs)
  })
})

describe('a retry budget', () => {
  it('R5: retries stay within the share of the calls plus the floor, over any traffic', async () => {
    const step = fc.record({ afterMs: fc.nat(700), calls: fc.integer({ min: 1, max: 30 }) })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 20 }),
        fc.constantFrom(0, 10, 20, 50),
        fc.nat(3),
        async (steps, percent, minPerSecond) => {
          const clock = new SimClock()
          const windowMs = 1_000
          const budget = new RetryBudget({ percent, minPerSecond, windowMs })
          const retry = new Retry({
            maxRetries: 2,
            backoff: exponential({ firstMs: 0, maxMs: 0, jitter: false }),
            budget,
            clock,
          })
          const calls: number[] = []
          const retries: number[] = []
          retry.on('retry', ({ at }) => retries.push(at))

          for (const { afterMs, calls: count } of steps) {
            await clock.advance(afterMs)
            for (let call = 0; call < count; call++) {
              calls.push(clock.now())
              void retry.outcome(() => {
                throw new Error('down')
              })
            }
            await clock.flush()
          }

          for (const at of retries) {
            // The window is in ten buckets, of which the oldest leaves as a whole.
            const within = (times: number[], ms: number): number =>
              times.filter((time) => time <= at && time > at - ms).length
            const allowed = (percent / 100) * within(calls, windowMs) + minPerSecond + 1
            expect(within(retries, windowMs - windowMs / 10)).toBeLessThanOrEqual(allowed)
          }
        },
      ),
      { numRuns: 200 },
    )
  }, 60_000)
})
