import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClosedBuckets, shapeProblem } from './closed-buckets.js'

interface Count {
  value: number
}
const counting = (bucketMs: number, buckets: number, startedAt = 0): ClosedBuckets<Count> =>
  new ClosedBuckets<Count>({ bucketMs, buckets }, startedAt, () => ({ value: 0 }))
const sum = (window: readonly Count[]): number => window.reduce((total, { value }) => total + value, 0)

describe('closed buckets', () => {
  it('show nothing of the bucket that is open', () => {
    const window = counting(100, 3)
    window.at(99).value++
    expect(sum(window.window(99))).toBe(0)
    expect(sum(window.window(100))).toBe(1)
  })

  it('let go of a bucket when a whole window has closed behind it', () => {
    const window = counting(100, 3)
    window.at(50).value++
    expect(sum(window.window(399))).toBe(1)
    expect(sum(window.window(400))).toBe(0)
  })

  it('count from their own beginning, not from zero', () => {
    const window = counting(100, 3, 1_030)
    window.at(1_030).value++
    expect(sum(window.window(1_129))).toBe(0)
    expect(sum(window.window(1_130))).toBe(1)
  })

  it('tell of each bucket that closes', () => {
    const closed: number[] = []
    const window = new ClosedBuckets<Count>(
      { bucketMs: 10, buckets: 2 },
      0,
      () => ({ value: 0 }),
      ({ value }) => closed.push(value),
    )
    window.at(5).value = 7
    window.window(1_000)
    expect(closed).toEqual([7])
  })

  it('W4: cost no more after a gap of any length', () => {
    const window = counting(1, 10)
    window.at(0).value++
    expect(window.window(2 ** 53)).toHaveLength(10)
    expect(sum(window.window(2 ** 53))).toBe(0)
  })

  it('W1: an event is seen from the end of its bucket on, for exactly one window', () => {
    const cases = fc.record({
      bucketMs: fc.integer({ min: 1, max: 50 }),
      buckets: fc.integer({ min: 1, max: 8 }),
      startedAt: fc.nat(1_000),
      gaps: fc.array(fc.nat(60), { minLength: 1, maxLength: 40 }),
    })
    fc.assert(
      fc.property(cases, ({ bucketMs, buckets, startedAt, gaps }) => {
        const window = counting(bucketMs, buckets, startedAt)
        const indexes: number[] = []
        let now = startedAt
        for (const gap of gaps) {
          now += gap
          window.at(now).value++
          indexes.push(Math.floor((now - startedAt) / bucketMs))
          const open = Math.floor((now - startedAt) / bucketMs)
          const expected = indexes.filter((index) => index < open && index >= open - buckets).length
          expect(sum(window.window(now))).toBe(expected)
        }
      }),
    )
  })
})

describe('a shape', () => {
  it('W9: is refused when the buckets do not divide the window', () => {
    expect(shapeProblem(10_000, 10)).toBeUndefined()
    expect(shapeProblem(10_000, 7)).toContain('10000')
  })
})
