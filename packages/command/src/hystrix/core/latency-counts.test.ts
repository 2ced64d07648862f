import { describe, expect, it } from 'vitest'
import { LatencyCounts } from './latency-counts.js'

function of(...values: number[]): LatencyCounts {
  const counts = new LatencyCounts()
  for (const value of values) counts.record(value)
  return counts
}

describe('latencies', () => {
  it('are 0 when there are none', () => {
    expect([of().mean, of().percentile(50), of().percentile(100), of().count]).toEqual([0, 0, 0, 0])
  })

  it('have a mean that is cut to a whole number', () => {
    expect(of(1, 2, 2).mean).toBe(1)
  })

  it('have a mean of the middles of their steps', () => {
    expect(of(4_096, 4_099).mean).toBe(4_098)
  })

  it('have the same percentiles in whatever order they came', () => {
    const some = of(9, 1, 5, 3, 7)
    expect([20, 40, 60, 80, 100].map((percent) => some.percentile(percent))).toEqual([1, 3, 5, 7, 9])
  })

  it('have percentiles by the rank of HdrHistogram 2.1.9', () => {
    const ten = of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
    expect([0, 5, 50, 54, 55, 99, 99.5, 100].map((percent) => ten.percentile(percent))).toEqual([
      1, 1, 5, 5, 6, 10, 10, 10,
    ])
  })

  it('are exact to 2047 and in steps above', () => {
    expect([2_047, 2_048, 2_049, 4_095, 4_096, 10_001].map((ms) => of(ms).percentile(100))).toEqual([
      2_047, 2_049, 2_049, 4_095, 4_099, 10_007,
    ])
  })

  it('are cut to whole milliseconds, and never below 0', () => {
    expect(of(12.9).percentile(100)).toBe(12)
    expect(of(-5).percentile(100)).toBe(0)
  })

  it('W8: add up to those of all', () => {
    const sum = of(1, 5)
    sum.add(of(5, 9))
    expect([sum.count, sum.mean, sum.percentile(50), sum.percentile(100)]).toEqual([4, 5, 5, 9])
  })

  it('W7: need no more room for more of them', () => {
    const counts = new LatencyCounts()
    for (let ms = 0; ms < 1_000_000; ms++) counts.record(ms)
    expect((counts as unknown as { counts: Map<number, number> }).counts.size).toBeLessThan(12_000)
  })
})
