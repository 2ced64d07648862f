import { describe, expect, it } from 'vitest'
import { LatencyHistogram } from './histogram.js'
import { MAX_LATENCY_MS } from './latency-slots.js'

function of(...samples: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const ms of samples) histogram.record(ms)
  return histogram
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe('LatencyHistogram', () => {
  it('has no percentile, and zeros otherwise, while it is empty', () => {
    const histogram = new LatencyHistogram()

    expect(histogram.percentile(50)).toBeUndefined()
    expect(histogram.percentiles([50, 99])).toEqual([])
    expect([histogram.count, histogram.sumMs, histogram.maxMs]).toEqual([0, 0, 0])
    expect(histogram.bucketCounts([1, Infinity])).toEqual([0, 0])
  })

  it('gives exact percentiles, by nearest rank, of up to 8 samples', () => {
    const histogram = of(80.5, 10.25, 30, 20, 70, 40, 60, 50)

    expect(histogram.percentiles([0, 12.5, 13, 50, 99, 100])).toEqual([10.25, 10.25, 20, 40, 80.5, 80.5])
  })

  it('gives percentiles within 6.25 % of many samples', () => {
    const histogram = of(...range(1, 1_000))

    expect(histogram.percentile(50)).toBeCloseTo(486.4, 6)
    expect(histogram.percentile(99)).toBeCloseTo(972.8, 6)
    expect(histogram.percentile(100)).toBeCloseTo(972.8, 6)
  })

  it('knows count, sum and maximum exactly', () => {
    const histogram = of(...range(1, 100), 0.5)

    expect([histogram.count, histogram.sumMs, histogram.maxMs]).toEqual([101, 5_050.5, 100])
  })

  it.each([
    [NaN, 0],
    [-5, 0],
    [-Infinity, 0],
    [-0, 0],
    [Infinity, MAX_LATENCY_MS],
    [1e300, MAX_LATENCY_MS],
  ])('X1: counts %d as %d ms, kept or counted', (odd, ms) => {
    const few = of(odd)
    const many = of(...Array.from({ length: 20 }, () => odd))

    expect([few.count, few.sumMs, few.maxMs, few.percentile(50)]).toEqual([1, ms, ms, ms])
    expect([many.count, many.maxMs]).toEqual([20, ms])
    expect(many.sumMs).toBeCloseTo(20 * ms, 3)
    expect(many.percentile(50) ?? -1).toBeGreaterThanOrEqual(ms * 0.9375)
    expect(many.percentile(50) ?? -1).toBeLessThanOrEqual(ms)
    expect(many.bucketCounts([Infinity])).toEqual([20])
  })

  it('tells latencies apart up to 1.86 h', () => {
    expect(MAX_LATENCY_MS).toBe(6_710_886.3)
  })

  it('keeps a negative zero as zero', () => {
    expect(of(0, -0).percentile(100)).toBe(0)
  })

  it('takes what is no percentage for the nearest one', () => {
    const histogram = of(1, 2, 3)

    expect([-1, NaN, 101, Infinity].map((p) => histogram.percentile(p))).toEqual([1, 1, 3, 3])
  })

  it('counts cumulatively for given bounds', () => {
    const histogram = of(...range(1, 100))

    const counts = histogram.bucketCounts([0, 1.2, 6.4, 51.2, 102.4, 1_000, Infinity])

    expect(counts).toEqual([0, 1, 6, 51, 100, 100, 100])
    expect(histogram.countAtOrBelow(51.2)).toBe(51)
  })

  it('shares the count of a slot out where a bound cuts it', () => {
    const histogram = of(...Array.from({ length: 16 }, () => 100))

    // 100 ms lies in the slot from 96 to 102.4 ms.
    expect(histogram.bucketCounts([95.9, 99.2, 100.8, 102.4])).toEqual([0, 8, 12, 16])
  })

  it('counts all below a bound at or above the end of the scale', () => {
    const histogram = of(...Array.from({ length: 20 }, () => Infinity))

    expect(histogram.bucketCounts([1e6, MAX_LATENCY_MS, 1e12, Infinity])).toEqual([0, 20, 20, 20])
  })

  it('counts nothing below a bound that is no number', () => {
    expect(of(1, 2).bucketCounts([NaN, -1])).toEqual([0, 0])
  })

  it('never takes a count back when it stops keeping samples', () => {
    const histogram = of(...Array.from({ length: 8 }, () => 2.4))
    const before = histogram.countAtOrBelow(2.5)

    histogram.record(2.4)

    expect(histogram.countAtOrBelow(2.5)).toBeGreaterThanOrEqual(before)
  })

  it.each([3, 20])('copies %i samples into a histogram of its own', (size) => {
    const histogram = of(...range(1, size))
    const copy = histogram.copy()
    const before = copy.percentiles([0, 50, 100])

    for (const ms of range(500, 520)) histogram.record(ms)

    expect([copy.count, copy.maxMs, copy.sumMs]).toEqual([size, size, (size * (size + 1)) / 2])
    expect(copy.percentiles([0, 50, 100])).toEqual(before)
    copy.record(9_999)
    expect(histogram.maxMs).toBe(520)
  })

  it('keeps few samples apart from those of a copy', () => {
    const histogram = of(1, 2)
    const copy = histogram.copy()

    histogram.record(3)
    copy.record(4)

    expect([histogram.percentile(100), copy.percentile(100)]).toEqual([3, 4])
  })

  it.each([
    [2, 3],
    [2, 30],
    [30, 40],
  ])('subtracts an earlier copy: %i samples before, %i after', (before, after) => {
    const histogram = of(...range(1, before))
    const earlier = histogram.copy()
    for (const ms of range(before + 1, before + after)) histogram.record(ms)

    const since = histogram.minus(earlier)

    expect([since.count, since.maxMs]).toEqual([after, before + after])
    expect(since.sumMs).toBe(histogram.sumMs - earlier.sumMs)
    expect(since.percentile(0) ?? 0).toBeGreaterThanOrEqual((before + 1) * 0.9375)
    for (const p of [0, 50, 100]) expect(histogram.percentileSince(earlier, p)).toBe(since.percentile(p))
    since.record(1)
    expect([since.count, histogram.count]).toEqual([after + 1, before + after])
  })

  it('bounds the maximum of a difference by its highest slot when the maximum is older', () => {
    const histogram = of(5_000, ...range(1, 10))
    const earlier = histogram.copy()
    for (const ms of range(90, 100)) histogram.record(ms)

    const since = histogram.minus(earlier)

    expect(since.maxMs).toBeGreaterThanOrEqual(100)
    expect(since.maxMs).toBeLessThanOrEqual(112.5)
  })

  it('goes on counting in a difference that has few samples', () => {
    const histogram = of(...range(1, 20))
    const earlier = histogram.copy()
    histogram.record(30)

    const since = histogram.minus(earlier)
    since.record(50)

    expect(since.bucketCounts([25.6, 40, 102.4])).toEqual([0, 1, 2])
  })

  it('is empty, and exact again, after subtracting everything', () => {
    const histogram = of(...range(1, 20))

    const since = histogram.minus(histogram.copy())
    expect([since.count, since.sumMs, since.maxMs]).toEqual([0, 0, 0])

    since.record(1.23)
    since.record(5.01)
    expect(since.percentile(50)).toBe(1.23)
  })

  it.each([
    [3, 4],
    [3, 30],
    [30, 3],
    [30, 40],
  ])('merges another: %i and %i samples', (mine, theirs) => {
    const histogram = of(...range(1, mine))
    const other = of(...range(101, 100 + theirs))
    const both = of(...range(1, mine), ...range(101, 100 + theirs))

    histogram.merge(other)

    expect([histogram.count, histogram.sumMs, histogram.maxMs]).toEqual([both.count, both.sumMs, both.maxMs])
    expect(histogram.percentiles([0, 30, 60, 100])).toEqual(both.percentiles([0, 30, 60, 100]))
    expect(other.count).toBe(theirs)
  })

  it('keeps its slow calls when it is merged with a faster one', () => {
    const histogram = of(...range(1, 1_000))

    histogram.merge(of(...range(1, 20)))

    expect(histogram.bucketCounts([25.6, 1_200])).toEqual([45, 1_020])
    expect(histogram.percentile(99)).toBeCloseTo(972.8, 6)
  })

  it.each([5, 20])('doubles when merged with itself: %i samples', (size) => {
    const histogram = of(...range(1, size))

    histogram.merge(histogram)

    expect(histogram.count).toBe(size * 2)
    expect(histogram.bucketCounts([Infinity])).toEqual([size * 2])
  })

  it('keeps counting where 32 bits end', () => {
    const histogram = of(...Array.from({ length: 1_000 }, () => 5))

    for (let doubling = 0; doubling < 24; doubling++) histogram.merge(histogram.copy())
    histogram.record(5)

    const count = 1_000 * 2 ** 24 + 1
    expect(count).toBeGreaterThan(2 ** 32)
    expect(histogram.count).toBe(count)
    expect(histogram.countAtOrBelow(10)).toBe(count)
    expect(histogram.percentile(99.99)).toBe(5)
  })

  it('ends at the slot of the maximum, also where a rank is rounded to more than the count', () => {
    const histogram = new LatencyHistogram()
    for (const bit of (2 ** 53 - 7).toString(2)) {
      histogram.merge(histogram.copy())
      if (bit === '1') histogram.record(1.59)
    }

    expect(histogram.percentile(100)).toBe(1.55)
  })
})
