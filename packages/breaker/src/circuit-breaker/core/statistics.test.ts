import { describe, expect, it } from 'vitest'
import { times } from '../breaker-steps.model.js'
import { consecutiveFailures, countRate, errorRate, slowCalls, tripWhen } from '../trip-rules.js'
import { Statistics } from './statistics.js'
import type { BreakerStats, TripRule } from './trip-rule.js'

const RATE = errorRate({ percent: 50, volume: 4, windowMs: 1_000 })
const SLOW = slowCalls({ slowerThanMs: 100, percent: 50, volume: 4, windowMs: 1_000 })

const statisticsOf = (...rules: TripRule[]): Statistics => new Statistics(rules, 0)

describe('Statistics', () => {
  it('shows nothing at first', () => {
    expect(statisticsOf(RATE).stats()).toEqual({
      successes: 0,
      failures: 0,
      slow: 0,
      total: 0,
      errorPercent: 0,
      consecutiveFailures: 0,
    })
  })

  it('shows what ended, how, and the failures in a row', () => {
    const statistics = statisticsOf(RATE)

    statistics.failure(0, 'fast')
    statistics.success(10, 'fast')
    statistics.failure(20, 'slow')
    statistics.failure(30, 'fast')

    expect(statistics.stats()).toEqual({
      successes: 1,
      failures: 3,
      slow: 1,
      total: 4,
      errorPercent: 75,
      consecutiveFailures: 2,
    })
  })

  it('shows the window of the first rolling rule, or of 10 s when there is none', () => {
    const short = statisticsOf(errorRate({ windowMs: 500 }), errorRate({ windowMs: 9_000, buckets: 9 }))
    const none = statisticsOf(consecutiveFailures(3))
    for (const statistics of [short, none]) statistics.failure(0, 'fast')

    const after = (statistics: Statistics, now: number): number => {
      statistics.advance(now)
      return statistics.stats().failures
    }

    expect([499, 500].map((now) => after(short, now))).toEqual([1, 0])
    expect([9_999, 10_000].map((now) => after(none, now))).toEqual([1, 0])
  })

  it('counts a free success at the time last told, in every window', () => {
    const statistics = statisticsOf(
      RATE,
      errorRate({ percent: 100, volume: 2, windowMs: 5_000 }),
      countRate(),
    )
    statistics.failure(0, 'fast')
    statistics.advance(900)

    statistics.freeSuccess()

    statistics.advance(1_800)
    expect(statistics.stats()).toMatchObject({ successes: 1, failures: 0, consecutiveFailures: 0 })
    expect(statistics.save(1_800)).toMatchObject({
      window: { buckets: [{ failures: 1 }, { successes: 1 }] },
      counted: { outcomes: 'fs' },
    })
  })

  it('is quiet while there is nothing that one more success could complete', () => {
    const statistics = statisticsOf(RATE)
    expect(statistics.isQuiet).toBe(true)

    statistics.failure(0, 'fast')
    expect(statistics.isQuiet).toBe(false)

    statistics.advance(999)
    expect(statistics.isQuiet).toBe(false)
    statistics.advance(1_000)
    expect(statistics.isQuiet).toBe(true)
  })

  it('is not quiet while a slow call is in the window', () => {
    const seen = (['slowInFlight', 'success'] as const).map((how) => {
      const statistics = statisticsOf(SLOW)
      if (how === 'success') statistics.success(0, 'slow')
      else statistics.slowInFlight(0)
      return [0, 999, 1_000].map((now) => {
        statistics.advance(now)
        return statistics.isQuiet
      })
    })

    expect(seen).toEqual([
      [false, false, true],
      [false, false, true],
    ])
  })

  it('is never quiet with a rule of the user, a count window, or windows of several shapes', () => {
    const rules: TripRule[][] = [[tripWhen(() => false)], [countRate()], [RATE, errorRate()]]
    const seen = rules.map((list) => {
      const statistics = new Statistics(list, 0)
      statistics.advance(60_000)
      return statistics.isQuiet
    })

    expect(seen).toEqual([false, false, false])
  })
})

describe('trippedBy', () => {
  it('names the first rule that is fulfilled', () => {
    const statistics = statisticsOf(
      RATE,
      consecutiveFailures(2),
      tripWhen(({ total }) => total > 0),
    )

    const named = times(4, 'fast' as const).map((slowness) => {
      statistics.failure(0, slowness)
      return statistics.trippedBy()
    })

    expect(named).toEqual(['custom', 'consecutive-failures', 'consecutive-failures', 'error-rate'])
  })

  it('is undefined while no rule is fulfilled', () => {
    const statistics = statisticsOf(RATE, SLOW, consecutiveFailures(4), countRate({ volume: 4 }))
    for (let call = 0; call < 3; call++) statistics.failure(0, 'fast')

    expect(statistics.trippedBy()).toBeUndefined()
  })

  it('looks at the window of each rule', () => {
    const statistics = statisticsOf(RATE, errorRate({ percent: 100, volume: 4, windowMs: 60_000 }))
    for (const now of [0, 2_000, 4_000, 6_000]) statistics.failure(now, 'fast')

    expect(statistics.trippedBy()).toBe('error-rate')
    expect(statistics.stats().failures).toBe(1)
  })

  it('counts the last calls for a count rule, whatever their time', () => {
    const statistics = statisticsOf(countRate({ percent: 50, size: 4, volume: 4 }))
    for (const now of [0, 100_000]) statistics.failure(now, 'fast')
    for (const now of [200_000, 300_000]) statistics.success(now, 'fast')

    expect(statistics.trippedBy()).toBe('count-rate')
    statistics.success(300_000, 'fast')
    expect(statistics.trippedBy()).toBeUndefined()
  })

  it('counts a slow call once, also when it was seen in flight and ends later', () => {
    const statistics = statisticsOf(SLOW)
    statistics.slowInFlight(0)
    statistics.slowInFlight(0)
    statistics.success(10, 'fast')
    expect(statistics.trippedBy()).toBeUndefined()

    statistics.success(20, 'counted')
    statistics.failure(20, 'counted')
    expect(statistics.trippedBy()).toBeUndefined()

    statistics.success(30, 'slow')
    expect(statistics.trippedBy()).toBe('slow-calls')
    expect(statistics.stats()).toMatchObject({ slow: 3, total: 4 })
  })

  it('sees a call become slow in every window', () => {
    const statistics = statisticsOf(errorRate({ windowMs: 60_000 }), SLOW)
    for (let call = 0; call < 4; call++) statistics.slowInFlight(0)

    expect(statistics.trippedBy()).toBe('slow-calls')
  })

  it('gives a rule of the user the counts', () => {
    const seen: BreakerStats[] = []
    const statistics = statisticsOf(tripWhen((stats) => seen.push(stats) > 1))
    statistics.failure(0, 'fast')

    expect(statistics.trippedBy()).toBeUndefined()
    expect(statistics.trippedBy()).toBe('custom')
    expect(seen[0]).toEqual(statistics.stats())
  })
})

describe('forgetting and remembering', () => {
  it('forgets everything on reset', () => {
    const statistics = statisticsOf(RATE, errorRate(), countRate({ volume: 1 }), consecutiveFailures(1))
    statistics.failure(0, 'fast')

    statistics.reset(0)

    expect(statistics.trippedBy()).toBeUndefined()
    expect(statistics.save(0)).toEqual({
      window: { buckets: [] },
      counted: { outcomes: '' },
      consecutiveFailures: 0,
    })
  })

  it('is the same after being saved and restored, with its counts as old as they were', () => {
    const rules = [errorRate({ percent: 100, volume: 3, windowMs: 1_000 }), countRate({ size: 3, volume: 3 })]
    const before = new Statistics(rules, 0)
    before.failure(0, 'fast')
    before.failure(600, 'fast')

    const after = new Statistics(rules, 70_000)
    after.restore(JSON.parse(JSON.stringify(before.save(700))), 70_000)

    expect(after.stats()).toEqual(before.stats())
    expect(after.isQuiet).toBe(false)
    after.advance(70_500)
    expect(after.stats().failures).toBe(1)
    after.failure(70_500, 'fast')
    expect(after.trippedBy()).toBe('count-rate')
  })

  it('saves the longest window, which serves a shorter one as well', () => {
    const saved = statisticsOf(RATE, errorRate({ windowMs: 60_000 }))
    for (const now of [0, 30_000]) saved.failure(now, 'fast')

    const long = statisticsOf(errorRate({ windowMs: 60_000 }))
    long.restore(saved.save(30_000), 30_000)

    expect(saved.stats().failures).toBe(1)
    expect(long.stats().failures).toBe(2)
  })

  it.each([
    ['first', [errorRate({ windowMs: 60_000 }), RATE]],
    ['second', [RATE, errorRate({ windowMs: 60_000 })]],
  ] as const)('restores every window, also when the %s is the longest', (_which, rules) => {
    const saved = statisticsOf(...rules)
    saved.failure(30_000, 'fast')

    const restored = new Statistics(rules, 0)
    restored.restore(saved.save(30_000), 0)

    expect(restored.save(5_000).window.buckets).toMatchObject([{ failures: 1 }])
    expect(restored.save(59_000).window.buckets).toMatchObject([{ failures: 1 }])
    restored.advance(59_000)
    expect(restored.stats().failures).toBe(rules[0] === RATE ? 0 : 1)
  })

  it('takes over each window of the same shape as it is, and the others from the longest', () => {
    const coarse = errorRate({ windowMs: 60_000, buckets: 6 })
    const before = statisticsOf(RATE, coarse, countRate())
    before.failure(0, 'fast')
    before.success(9_500, 'fast')

    const same = new Statistics([RATE, coarse, countRate({ size: 5 })], 9_500)
    same.takeOver(before, 9_500)
    const other = statisticsOf(errorRate({ windowMs: 30_000, buckets: 3 }))
    other.takeOver(before, 9_500)

    // A restore from the coarse window would have made the failure young enough for the fine one.
    expect(same.stats()).toMatchObject({ successes: 1, failures: 0 })
    expect(same.save(9_500).counted).toEqual({ outcomes: 'fs' })
    expect(other.stats()).toMatchObject({ successes: 1, failures: 1 })
  })
})
