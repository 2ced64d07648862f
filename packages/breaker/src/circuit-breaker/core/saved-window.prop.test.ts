import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apply, replay, runs, totalsOf, within } from './time-window.model.js'
import { TimeWindow } from './time-window.js'

describe('TimeWindow, merged or restored', () => {
  it('W8: merged with another window, equals the window of the events of both', () => {
    fc.assert(
      fc.property(runs(true), fc.infiniteStream(fc.boolean()), ({ shape, steps }, sides) => {
        const timed = steps.filter((step) => !step.kind.startsWith('untimed'))
        const { window: both, latest } = replay(shape, timed)
        const left = new TimeWindow(shape.windowMs, shape.buckets, shape.start)
        const right = new TimeWindow(shape.windowMs, shape.buckets, shape.start)
        let now = shape.start
        for (const { by, kind } of timed) {
          now += by
          left.advance(now)
          right.advance(now)
          apply(sides.next().value ? left : right, now, kind)
        }

        left.add(right)

        expect(totalsOf(left)).toEqual(totalsOf(both))
        expect(left.save(latest)).toEqual(both.save(latest))
      }),
    )
  })

  it('W8: saved and restored at one time, is the same window', () => {
    fc.assert(
      fc.property(runs(true), ({ shape, steps }) => {
        const { window, latest } = replay(shape, steps)
        const saved = window.save(latest)

        const restored = new TimeWindow(shape.windowMs, shape.buckets, 0)
        restored.restore(JSON.parse(JSON.stringify(saved)) as typeof saved, latest)

        expect(totalsOf(restored)).toEqual(totalsOf(window))
        expect(restored.save(latest)).toEqual(saved)
      }),
    )
  })

  it('W1: restored on another clock, holds what the first one would hold, give or take a bucket', () => {
    fc.assert(
      fc.property(runs(false), within(0, 1e6), fc.nat(20_000), ({ shape, steps }, start, wait) => {
        const width = shape.windowMs / shape.buckets
        const times: number[] = []
        const { window, latest } = replay(
          shape,
          steps.map((step) => ({ ...step, kind: 'success' as const })),
          (_window, _model, now) => times.push(now),
        )

        const restored = new TimeWindow(shape.windowMs, shape.buckets, 0)
        restored.restore(window.save(latest), start)
        restored.advance(start + wait)

        const youngerThan = (ageMs: number): number =>
          times.filter((time) => time > latest + wait - ageMs).length
        expect(restored.successes).toBeGreaterThanOrEqual(youngerThan(shape.windowMs - width - 0.501))
        expect(restored.successes).toBeLessThanOrEqual(youngerThan(shape.windowMs + width + 0.001))
      }),
    )
  })
})
