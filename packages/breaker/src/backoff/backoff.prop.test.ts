import { seededRandom } from '@breakwater/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { constant, decorrelated, exponential, linear } from './backoff.js'

const steps = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 1e9 }),
  fc.constantFrom(1e9, 1_024, 1_075),
)
const seeds = fc.nat()
/** Evenly spread over a range, where `fc.double` mostly gives numbers next to 0. */
const within = (min: number, max: number): fc.Arbitrary<number> =>
  fc.nat(2 ** 30).map((share) => min + ((max - min) * share) / 2 ** 30)

const durations = fc.oneof(
  fc.constantFrom(0, 1, 100, 2 ** 31 - 1),
  within(0, 10_000),
  within(0, 2 ** 31 - 1),
  fc.double({ min: 0, max: 2 ** 31 - 1, noNaN: true }),
)
/** A first delay and a longest one that is not less. */
const ranges = fc
  .tuple(durations, durations)
  .map(([one, other]) => ({ min: Math.min(one, other), maxMs: Math.max(one, other) }))
const factors = fc.oneof(fc.constantFrom(1, 2, 100), within(1, 3), within(1, 100))
const jitters = fc.constantFrom(false, true, 'full' as const, 'equal' as const)

describe('back-offs', () => {
  it('R2: linear and constant delays stay between their first and their longest delay, and never shrink', () => {
    fc.assert(
      fc.property(ranges, steps, seeds, ({ min, maxMs }, step, seed) => {
        const backoff = linear({ baseMs: min, maxMs })

        const delayMs = backoff.delayMs(step, seededRandom(seed))

        expect(delayMs).toBeGreaterThanOrEqual(min)
        expect(delayMs).toBeLessThanOrEqual(maxMs)
        expect(backoff.delayMs(step + 1, seededRandom(seed))).toBeGreaterThanOrEqual(delayMs)
        expect(constant({ ms: maxMs }).delayMs(step, seededRandom(seed))).toBe(maxMs)
      }),
    )
  })

  it('R2: exponential delays stay within the step without jitter, within 0 or its half with it', () => {
    fc.assert(
      fc.property(
        ranges,
        factors,
        jitters,
        fc.tuple(steps, seeds),
        ({ min, maxMs }, factor, jitter, [step, seed]) => {
          const whole = exponential({ firstMs: min, maxMs, factor }).delayMs(step, seededRandom(seed))
          expect(whole).toBeGreaterThanOrEqual(min)
          expect(whole).toBeLessThanOrEqual(maxMs)

          const delayMs = exponential({ firstMs: min, maxMs, factor, jitter }).delayMs(
            step,
            seededRandom(seed),
          )

          const least = { false: whole, equal: whole / 2, full: 0, true: 0 }[`${jitter}`]
          expect(delayMs).toBeGreaterThanOrEqual(least)
          expect(delayMs).toBeLessThanOrEqual(whole)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('R2: decorrelated delays stay between the base and the maximum, at most three times the one before', () => {
    fc.assert(
      fc.property(ranges, fc.integer({ min: 1, max: 60 }), seeds, ({ min, maxMs }, count, seed) => {
        const backoff = decorrelated({ baseMs: min, maxMs })
        const random = seededRandom(seed)
        let previousMs: number | undefined
        for (let step = 1; step <= count; step++) {
          const delayMs = backoff.delayMs(step, random, previousMs)
          expect(delayMs).toBeGreaterThanOrEqual(min)
          expect(delayMs).toBeLessThanOrEqual(maxMs)
          expect(delayMs).toBeLessThanOrEqual(3 * (previousMs ?? min))
          previousMs = delayMs
        }
      }),
    )
  })

  it('R2: decorrelated delays stay in range for any previous delay', () => {
    fc.assert(
      fc.property(
        ranges,
        fc.oneof(fc.double(), within(0, 2 ** 31)),
        seeds,
        ({ min, maxMs }, previousMs, seed) => {
          const delayMs = decorrelated({ baseMs: min, maxMs }).delayMs(
            2,
            { next: () => seed % 2 && 0.999 },
            previousMs,
          )

          expect(delayMs).toBeGreaterThanOrEqual(min)
          expect(delayMs).toBeLessThanOrEqual(maxMs)
        },
      ),
    )
  })

  it.each([
    ['full', 500],
    ['equal', 750],
  ] as const)('R2: %s jitter has its mean within 2 %% of %i ms over 100 000 draws', (jitter, meanMs) => {
    const backoff = exponential({ firstMs: 1_000, maxMs: 1_000, jitter })
    const random = seededRandom('R2')
    let sum = 0
    for (let draw = 0; draw < 1e5; draw++) sum += backoff.delayMs(1 + (draw % 9), random)

    expect(Math.abs(sum / 1e5 - meanMs)).toBeLessThan(meanMs * 0.02)
  })
})
