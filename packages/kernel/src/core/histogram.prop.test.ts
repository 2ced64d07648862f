import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from './histogram.js'
import { MAX_LATENCY_MS } from './latency-slots.js'

/** Evenly spread over a range, where `fc.double` mostly gives numbers next to 0. */
const within = (min: number, max: number): fc.Arbitrary<number> =>
  fc.nat(2 ** 30).map((share) => min + ((max - min) * share) / 2 ** 30)

const latencies = fc.oneof(
  within(0, 5),
  within(0, 2_000),
  within(0, MAX_LATENCY_MS),
  fc.nat(1_000),
  fc.double({ min: 0, max: MAX_LATENCY_MS, noNaN: true }),
  // Evenly spread over the octaves.
  within(-2, 6.8).map((exponent) => Math.min(10 ** exponent, MAX_LATENCY_MS)),
)
const samples = fc.array(latencies, { minLength: 1, maxLength: 200, size: 'max' })
const odd = fc.oneof(latencies, fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, -0, -1))
const percents = fc.oneof(fc.integer({ min: 0, max: 100 }), within(0, 100))
const bounds = fc
  .array(fc.oneof(latencies, fc.constant(Infinity)), { maxLength: 20, size: 'max' })
  .map((list) => list.toSorted((a, b) => a - b))

const of = (list: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram()
  for (const ms of list) histogram.record(ms)
  return histogram
}

/** The specification: nearest rank among the sorted samples. */
const exact = (list: readonly number[], p: number): number => {
  const sorted = list.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((p * list.length) / 100) - 1)] ?? NaN
}

const tolerance = (ms: number): number => Math.max(0.05, ms * 0.0625) * (1 + 1e-9)

describe('LatencyHistogram', () => {
  it('X3: is off by at most 6.25 % or 0.05 ms from the percentile of the sorted samples', () => {
    fc.assert(
      fc.property(samples, percents, (list, p) => {
        const expected = exact(list, p)

        const error = Math.abs((of(list).percentile(p) ?? NaN) - expected)

        expect(error).toBeLessThanOrEqual(list.length <= 8 ? 0 : tolerance(expected))
      }),
      { numRuns: 1_000 },
    )
  })

  it('X3: gives several percentiles as it gives each, never falling and never above the maximum', () => {
    fc.assert(
      fc.property(samples, fc.array(percents, { maxLength: 10, size: 'max' }), (list, ps) => {
        const histogram = of(list)
        const ascending = ps.toSorted((a, b) => a - b)

        const values = histogram.percentiles(ascending)

        expect(values).toEqual(ascending.map((p) => histogram.percentile(p)))
        expect(values).toEqual(values.toSorted((a, b) => a - b))
        expect(Math.max(0, ...values)).toBeLessThanOrEqual(histogram.maxMs)
      }),
    )
  })

  it('X1: never throws and never loses a record, whatever it is given', () => {
    fc.assert(
      fc.property(fc.array(odd, { minLength: 1, maxLength: 60, size: 'max' }), (list) => {
        const histogram = of(list)

        expect(histogram.count).toBe(list.length)
        expect(histogram.bucketCounts([Infinity])).toEqual([list.length])
        for (const value of [histogram.sumMs, histogram.maxMs, ...histogram.percentiles([0, 50, 100])]) {
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(MAX_LATENCY_MS * list.length)
        }
      }),
    )
  })

  it('X3: counts at or below a bound what a slot more or less would hold', () => {
    fc.assert(
      fc.property(samples, bounds, (list, ascending) => {
        const counts = of(list).bucketCounts(ascending)

        ascending.forEach((bound, index) => {
          const atMost = (ms: number): number => list.filter((sample) => sample <= ms).length
          expect(counts[index]).toBeGreaterThanOrEqual(atMost(bound - 2 * tolerance(bound)))
          expect(counts[index]).toBeLessThanOrEqual(atMost(bound + 2 * tolerance(bound)))
        })
        expect(counts).toEqual(counts.toSorted((a, b) => a - b))
      }),
    )
  })

  it('X3: never takes a cumulative count back', () => {
    fc.assert(
      fc.property(samples, bounds, (list, ascending) => {
        const histogram = new LatencyHistogram()
        let before = histogram.bucketCounts(ascending)
        for (const ms of list.slice(0, 40)) {
          histogram.record(ms)
          const after = histogram.bucketCounts(ascending)
          expect(after.every((count, index) => count >= (before[index] ?? 0))).toBe(true)
          before = after
        }
      }),
    )
  })

  it('X2: the difference from an earlier copy is the histogram of what came between', () => {
    const some = fc.array(latencies, { maxLength: 30, size: 'max' })
    fc.assert(
      fc.property(some, some, percents, (before, after, p) => {
        const histogram = of(before)
        const earlier = histogram.copy()
        for (const ms of after) histogram.record(ms)

        const since = histogram.minus(earlier)

        expect(since.count).toBe(after.length)
        expect(histogram.percentileSince(earlier, p)).toBe(since.percentile(p))
        expect(earlier.count).toBe(before.length)
        expect(since.maxMs).toBeGreaterThanOrEqual(Math.max(0, ...after))
        expect(Math.abs(since.sumMs - of(after).sumMs)).toBeLessThanOrEqual(1e-3)
        if (after.length > 0) {
          const expected = exact(after, p)
          expect(Math.abs((since.percentile(p) ?? NaN) - expected)).toBeLessThanOrEqual(tolerance(expected))
        }
      }),
      { numRuns: 300 },
    )
  })

  it('X2: two merged are the histogram of all their samples', () => {
    const some = fc.array(latencies, { maxLength: 30, size: 'max' })
    fc.assert(
      fc.property(some, some, bounds, (mine, theirs, ascending) => {
        const merged = of(mine)
        merged.merge(of(theirs))
        const both = of([...mine, ...theirs])

        expect([merged.count, merged.maxMs]).toEqual([both.count, both.maxMs])
        expect(merged.bucketCounts(ascending)).toEqual(both.bucketCounts(ascending))
        expect(Math.abs(merged.sumMs - both.sumMs)).toBeLessThanOrEqual(1e-3)
      }),
    )
  })
})
