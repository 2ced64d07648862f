import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorRate, slowCalls } from '../trip-rules.js'
import { TimeWindow } from './time-window.js'

const MAX_BUCKETS = 1_000
const MAX_WINDOW_MS = 2 ** 31 - 1
const buckets = fc.integer({ min: 1, max: MAX_BUCKETS })

/** Windows that their buckets divide, and neighbours of them that few numbers divide. */
const shapes = fc
  .record({
    buckets,
    width: fc.oneof(
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: Math.floor(MAX_WINDOW_MS / MAX_BUCKETS) }),
    ),
    off: fc.oneof(
      { weight: 2, arbitrary: fc.constant(0) },
      fc.integer({ min: -MAX_BUCKETS, max: MAX_BUCKETS }),
    ),
  })
  .map(({ buckets: count, width, off }) => ({ windowMs: Math.max(1, count * width + off), buckets: count }))
  .filter(({ windowMs }) => windowMs <= MAX_WINDOW_MS)

const issuesOf = (make: () => unknown): unknown[] => {
  try {
    make()
    return []
  } catch (error) {
    return (error as { issues: { path: string }[] }).issues.map(({ path }) => path)
  }
}

describe('the buckets of a window', () => {
  it('W9: are accepted exactly when the window is a whole number of whole milliseconds for each', () => {
    const seen = new Set<boolean>()
    fc.assert(
      fc.property(shapes, (shape) => {
        const divides = shape.windowMs % shape.buckets === 0
        seen.add(divides)

        expect(TimeWindow.problem(shape.windowMs, shape.buckets) === undefined).toBe(divides)
        const issues = divides ? [] : ['buckets']
        expect(issuesOf(() => errorRate(shape))).toEqual(issues)
        expect(issuesOf(() => slowCalls({ ...shape, slowerThanMs: 1 }))).toEqual(issues)
      }),
      { numRuns: 1_000 },
    )
    expect(seen).toEqual(new Set([true, false]))
  })

  it('W9: of a part of a millisecond, or a part of a bucket, make no window', () => {
    const part = fc.double({ min: 0.001, max: 0.999, noNaN: true })
    fc.assert(
      fc.property(buckets, fc.integer({ min: 1, max: 1_000_000 }), part, (count, width, rest) => {
        expect(TimeWindow.problem(count * (width + rest), count)).toBeDefined()
        expect(TimeWindow.problem(count * width, count + rest)).toBeDefined()
        expect(TimeWindow.problem(-count * width, -count)).toBeDefined()
        expect(TimeWindow.problem(-count * width, count)).toBeDefined()
      }),
    )
  })

  it('W9: begin where the count of milliseconds is a multiple of their width, and fill the window', () => {
    fc.assert(
      fc.property(buckets, fc.integer({ min: 1, max: 1_000 }), fc.nat(1_000_000), (count, width, begin) => {
        const window = new TimeWindow(count * width, count, begin * width)
        window.failureAt(begin * width)

        window.advance((begin + count) * width - 0.5)
        expect(window.failures).toBe(1)
        window.advance((begin + count) * width)
        expect(window.failures).toBe(0)
      }),
    )
  })
})
