import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { consecutiveFailures, countRate, errorRate, slowCalls, tripWhen } from '../trip-rules.js'
import { Statistics } from './statistics.js'
import type { Slowness } from './statistics.js'
import type { TripRule } from './trip-rule.js'

const WINDOWS = [
  { windowMs: 1_000, buckets: 10 },
  { windowMs: 1_000, buckets: 2 },
  { windowMs: 4_000, buckets: 2 },
] as const

const window = fc.constantFrom(...WINDOWS)
const percent = fc.constantFrom(25, 50, 100)
const volume = fc.integer({ min: 1, max: 4 })
const rolling = fc.record({ percent, volume, window })
const rule: fc.Arbitrary<TripRule> = fc.oneof(
  rolling.map(({ window: shape, ...rest }) => errorRate({ ...rest, ...shape })),
  rolling.map(({ window: shape, ...rest }) => slowCalls({ ...rest, ...shape, slowerThanMs: 10 })),
  fc.record({ percent, volume }).map((given) => countRate({ ...given, size: 4 })),
  fc.integer({ min: 1, max: 4 }).map(consecutiveFailures),
  fc.integer({ min: 1, max: 4 }).map((least) => tripWhen((stats) => stats.consecutiveFailures >= least)),
)
/** At most one of those that only one window can serve. */
const rules = fc.uniqueArray(rule, {
  minLength: 1,
  maxLength: 4,
  selector: (given) =>
    'windowMs' in given ? [given.kind, given.windowMs, given.buckets].join() : given.kind,
})

const step = fc.record({
  by: fc.oneof(fc.constant(0), fc.nat(150), fc.constantFrom(500, 1_000, 4_000)),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('success', 'failure', 'slow in flight') },
    { weight: 2, arbitrary: fc.constant('free success') },
    { weight: 1, arbitrary: fc.constantFrom('reset', 'other options') },
  ),
  slowness: fc.constantFrom<Slowness>('fast', 'fast', 'slow', 'counted'),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

/** The statistics after the step, which may be others. */
function take(statistics: Statistics, { what, slowness }: Step, now: number, own: TripRule[]): Statistics {
  statistics.advance(now)
  if (what === 'success') statistics.success(now, slowness)
  else if (what === 'failure') statistics.failure(now, slowness)
  else if (what === 'slow in flight') statistics.slowInFlight(now)
  else if (what === 'free success') statistics.freeSuccess()
  else if (what === 'reset') statistics.reset(now)
  else {
    const next = new Statistics(own, now)
    next.takeOver(statistics, now)
    return next
  }
  return statistics
}

const steps = fc.array(step, { maxLength: 30, size: 'max' })

describe('statistics', () => {
  it('B7: trip by the first rule that would trip if it were the only one', () => {
    fc.assert(
      fc.property(rules, steps, (given, list) => {
        let together = new Statistics(given, 0)
        let alone = given.map((one) => new Statistics([one], 0))
        let now = 0
        for (const next of list) {
          now += next.by
          together = take(together, next, now, given)
          alone = alone.map((one, index) => take(one, next, now, given.slice(index, index + 1)))

          const tripped = alone.map((one) => one.trippedBy())
          expect(together.trippedBy()).toBe(tripped.find((kind) => kind !== undefined))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('B7: are quiet only where one more success fulfils no rule', () => {
    fc.assert(
      fc.property(rules, steps, (given, list) => {
        let statistics = new Statistics(given, 0)
        let now = 0
        for (const next of list) {
          now += next.by
          statistics.advance(now)
          const isQuiet = statistics.isQuiet
          statistics = take(statistics, next, now, given)
          if (isQuiet && next.what === 'free success') expect(statistics.trippedBy()).toBeUndefined()
          if (!statistics.isQuiet) continue
          const probe = new Statistics(given, now)
          probe.takeOver(statistics, now)
          probe.freeSuccess()
          expect(probe.trippedBy()).toBeUndefined()
        }
      }),
      { numRuns: 500 },
    )
  })
})
