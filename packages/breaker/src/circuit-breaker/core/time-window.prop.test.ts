import { serialize } from 'node:v8'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSavedTimeWindow } from './saved-window.js'
import { replay, runs, totalsOf, within } from './time-window.model.js'
import { TimeWindow } from './time-window.js'

describe('TimeWindow, compared with a list of events', () => {
  it('W1: counts every event of the last window less a bucket, and none older than the window and a bucket', () => {
    fc.assert(
      fc.property(runs(false), ({ shape, steps }) => {
        const width = shape.windowMs / shape.buckets
        const window = new TimeWindow(shape.windowMs, shape.buckets, shape.start)
        const times: number[] = []
        let now = shape.start
        for (const { by } of steps) {
          now += by
          window.successAt(now)
          times.push(now)
          const youngerThan = (ageMs: number): number => times.filter((time) => time > now - ageMs).length
          expect(window.successes).toBeGreaterThanOrEqual(youngerThan(shape.windowMs - width))
          expect(window.successes).toBeLessThanOrEqual(youngerThan(shape.windowMs + width))
        }
      }),
    )
  })

  it('W2: agrees in every count after every step, with no counter negative', () => {
    fc.assert(
      fc.property(runs(false), ({ shape, steps }) => {
        replay(shape, steps, (window, model) => {
          expect(totalsOf(window)).toEqual(model.totals())
        })
      }),
      { numRuns: 300 },
    )
  })

  it('W2: keeps buckets that sum up to the totals', () => {
    fc.assert(
      fc.property(runs(true), ({ shape, steps }) => {
        const { window, latest } = replay(shape, steps)

        const saved = window.save(latest)
        const sum = (kind: 'successes' | 'failures' | 'slow'): number =>
          saved.buckets.reduce((total, bucket) => total + bucket[kind], 0)
        expect(isSavedTimeWindow(saved)).toBe(true)
        expect([sum('successes'), sum('failures'), sum('slow')]).toEqual([
          window.successes,
          window.failures,
          window.slow,
        ])
      }),
    )
  })

  it('W3: is empty at the first read after a gap of a window or more', () => {
    fc.assert(
      fc.property(
        runs(false),
        fc.oneof(
          fc.constant(0),
          within(0, 1e6),
          fc.maxSafeNat().map((gap) => gap / 2),
        ),
        ({ shape, steps }, more) => {
          const { window, latest } = replay(shape, steps)

          window.advance(latest + shape.windowMs + more)

          expect(totalsOf(window)).toEqual({ successes: 0, failures: 0, slow: 0, total: 0, judged: 0 })
        },
      ),
    )
  })

  it('W4: catches up on any gap without visiting each bucket of it', () => {
    const gaps = fc.oneof(fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 52), fc.maxSafeNat())
    fc.assert(
      fc.property(runs(false), gaps, ({ shape, steps }, gap) => {
        const { window, latest } = replay(shape, steps)

        const end = Math.min(latest + gap, Number.MAX_SAFE_INTEGER)
        window.failureAt(end)
        window.advance(end)

        expect(window.failures).toBeGreaterThanOrEqual(1)
        expect(window.failures).toBeLessThanOrEqual(steps.length + 1)
      }),
    )
    const far = new TimeWindow(10, 10, 0)
    far.failureAt(Number.MAX_SAFE_INTEGER)
    expect(far.failures).toBe(1)
  })

  it('W5: reads the same twice at one time', () => {
    fc.assert(
      fc.property(runs(true), ({ shape, steps }) => {
        const { window, latest } = replay(shape, steps)
        window.advance(latest)
        const first = totalsOf(window)

        window.advance(latest)

        expect(totalsOf(window)).toEqual(first)
      }),
    )
  })

  it('W6: puts late samples in their bucket or drops them, and loses nothing, when time goes back', () => {
    fc.assert(
      fc.property(runs(true), ({ shape, steps }) => {
        replay(shape, steps, (window, model) => {
          expect(totalsOf(window)).toEqual(model.totals())
        })
      }),
      { numRuns: 300 },
    )
  })

  it('W7: takes no more memory for more events', () => {
    fc.assert(
      fc.property(runs(true), fc.integer({ min: 1, max: 300 }), ({ shape, steps }, rounds) => {
        const repeated = Array.from({ length: rounds }, () => steps.slice(0, 5)).flat()
        const { window, latest } = replay(shape, repeated)

        expect(serialize(window).byteLength).toBeLessThan(300 + 10 * 4 * (shape.buckets + 1))
        expect(window.save(latest).buckets.length).toBeLessThanOrEqual(shape.buckets)
      }),
      { numRuns: 30 },
    )
  })

  it('W7: is as small as a new one once its events have left', () => {
    fc.assert(
      fc.property(runs(false), ({ shape, steps }) => {
        const { window, latest } = replay(shape, steps)
        for (let bucket = 1; bucket <= shape.buckets; bucket++) {
          window.advance(latest + (bucket * shape.windowMs) / shape.buckets)
        }

        const later = latest + shape.windowMs
        expect(serialize(window)).toEqual(serialize(new TimeWindow(shape.windowMs, shape.buckets, later)))
      }),
    )
  })
})
