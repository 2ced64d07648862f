import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RollingLatency } from './rolling-latency.js'

/** Evenly spread over a range, where `fc.double` mostly gives numbers next to 0. */
const within = (min: number, max: number): fc.Arbitrary<number> =>
  fc.nat(2 ** 30).map((share) => min + ((max - min) * share) / 2 ** 30)

const runs = fc.record({
  windowMs: fc.constantFrom(1, 7, 1_000, 60_000),
  start: fc.constantFrom<number>(0, 0.5, 123_456.7, -2_000),
  steps: fc.array(
    fc.record({
      // In half windows: within one, exactly one or two, and far beyond; some of them back.
      by: fc.oneof(fc.constantFrom(0, 0, 0.25, 1, 1.999, 2, 2.001, 3, 1e9, -0.25, -1, -5), within(0, 3)),
      ms: within(0, 5_000),
      kind: fc.constantFrom('record', 'record', 'read'),
    }),
    { maxLength: 60, size: 'max' },
  ),
})

describe('RollingLatency, compared with a list of samples', () => {
  it('W1: holds every sample of the last half window and none older than the window', () => {
    fc.assert(
      fc.property(runs, ({ windowMs, start, steps }) => {
        const latency = new RollingLatency(windowMs, start)
        const samples: { readonly at: number; readonly ms: number }[] = []
        let now = start
        let latest = start
        for (const { by, ms, kind } of steps) {
          now += (by * windowMs) / 2
          latest = Math.max(latest, now)
          if (kind === 'record') {
            latency.rotate(now)
            latency.record(ms)
            // A record at an earlier time than the last one told counts at the last one.
            samples.push({ at: latest, ms })
          }
          const window = latency.window(now)
          const since = (ageMs: number): number[] =>
            samples.filter((sample) => sample.at > latest - ageMs).map((sample) => sample.ms)
          expect(window.count).toBeGreaterThanOrEqual(since(windowMs / 2).length)
          expect(window.count).toBeLessThanOrEqual(since(windowMs * (1 + 1e-9) + 1e-6).length)
          const held = samples.slice(samples.length - window.count).map((sample) => sample.ms)
          expect(window.maxMs).toBeGreaterThanOrEqual(Math.max(0, ...held))
        }
        expect(latency.cumulative.count).toBe(samples.length)
      }),
      { numRuns: 300 },
    )
  })

  it('W3: is empty at the first read after a gap of a window or more', () => {
    fc.assert(
      fc.property(
        runs,
        fc.oneof(within(1.000_001, 4), within(4, 1e6)),
        ({ windowMs, start, steps }, windows) => {
          const latency = new RollingLatency(windowMs, start)
          let now = start
          for (const { by, ms } of steps) {
            now += (Math.abs(by) * windowMs) / 2
            latency.rotate(now)
            latency.record(ms)
          }

          expect(latency.percentile(50, now + windows * windowMs + 0.001)).toBeUndefined()
        },
      ),
    )
  })
})
