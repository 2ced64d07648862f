import { describe, expect, it } from 'vitest'
import { deviation, median, spread } from './statistics.ts'

describe('median', () => {
  it('is the middle of an odd count, by value and not by text', () => {
    expect(median([100, 9, 20])).toBe(20)
  })

  it('is halfway between the middle two of an even count', () => {
    expect(median([1, 2, 4, 100])).toBe(3)
  })

  it('ignores one wild value', () => {
    expect(median([5, 5, 5, 5, 9_000])).toBe(5)
  })

  it('leaves the order of its input alone', () => {
    const values = [3, 1, 2]

    median(values)

    expect(values).toEqual([3, 1, 2])
  })

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('spread', () => {
  it('shows the range beside the median', () => {
    expect(spread([2.1, 1.9, 2.6])).toEqual({ median: 2.1, min: 1.9, max: 2.6 })
  })
})

describe('deviation', () => {
  it('is zero for one constant', () => {
    expect(deviation([7, 7, 7, 7])).toBe(0)
  })

  it('reports the farthest value, below the median as well as above it', () => {
    expect(deviation([10, 10, 11])).toBeCloseTo(0.1)
    expect(deviation([10, 10, 8])).toBeCloseTo(0.2)
  })
})
