import { describe, expect, it } from 'vitest'
import { consecutiveFailures, countRate, errorRate, slowCalls, tripWhen } from '../trip-rules.js'
import { Statistics } from './statistics.js'

const RATE = errorRate({ percent: 50, volume: 4, windowMs: 1_000 })
const SLOW = slowCalls({ slowerThanMs: 100, percent: 50, volume: 4, windowMs: 1_000 })

describe('statistics without a rule', () => {
  it('never trip, and count in a window of ten seconds', () => {
    const statistics = new Statistics([], 0)
    for (let call = 0; call < 50; call++) statistics.failure(0, 'fast')

    expect(statistics.trippedBy()).toBeUndefined()
    statistics.advance(9_999)
    expect(statistics.stats().failures).toBe(50)
    statistics.advance(10_000)
    expect(statistics.stats().failures).toBe(0)
  })
})

describe('quiet statistics', () => {
  it.each([
    ['a rate', [RATE]],
    ['two rules of one window', [RATE, SLOW]],
    ['failures in a row', [consecutiveFailures(2)]],
  ])('are so from the beginning, after fast successes and after a reset: %s', (_name, rules) => {
    const statistics = new Statistics(rules, 0)
    expect(statistics.isQuiet).toBe(true)
    statistics.success(0, 'fast')
    expect(statistics.isQuiet).toBe(true)

    statistics.failure(0, 'fast')
    expect(statistics.isQuiet).toBe(false)
    statistics.reset(0)

    expect(statistics.isQuiet).toBe(true)
    expect(statistics.stats()).toMatchObject({ failures: 0, successes: 0 })
  })

  it.each([
    ['two windows', [RATE, errorRate({ windowMs: 5_000 })]],
    ['the last calls', [countRate()]],
    ['a rule of the user', [RATE, tripWhen(() => false)]],
  ])('do not exist where a success may fulfil a rule: %s', (_name, rules) => {
    const statistics = new Statistics(rules, 0)

    expect(statistics.isQuiet).toBe(false)
    statistics.reset(0)
    expect(statistics.isQuiet).toBe(false)
    statistics.advance(0)
    expect(statistics.isQuiet).toBe(false)
  })
})

describe('the share of failures that is judged', () => {
  it.each([
    ['its own window, which is not the first', [SLOW, errorRate({ windowMs: 5_000 })], 4, 25],
    ['the last calls', [SLOW, countRate({ size: 2, volume: 2 })], 2, 50],
    ['the first window, where no rule is about a share', [SLOW, consecutiveFailures(2)], 0, 0],
  ])('is that of %s', (_name, rules, total, errorPercent) => {
    const statistics = new Statistics(rules, 0)
    for (let call = 0; call < 3; call++) statistics.success(0, 'fast')
    statistics.failure(0, 'fast')

    statistics.advance(2_000)

    expect(statistics.judged()).toEqual({ total, errorPercent })
  })
})

describe('saved statistics', () => {
  it('say of the last calls which were slow, and nothing without a rule for them', () => {
    const counting = new Statistics([countRate()], 0)
    const rolling = new Statistics([RATE], 0)
    for (const statistics of [counting, rolling]) {
      statistics.success(0, 'fast')
      statistics.success(0, 'slow')
      statistics.failure(0, 'fast')
      statistics.failure(0, 'slow')
    }

    expect(counting.save(0).counted).toEqual({ outcomes: 'sSfF' })
    expect(rolling.save(0)).not.toHaveProperty('counted')
  })

  it('are taken up by rules that count more or less', () => {
    const counting = new Statistics([countRate({ size: 2, volume: 1 }), RATE], 0)
    const rolling = new Statistics([RATE], 0)
    for (const statistics of [counting, rolling]) statistics.failure(0, 'fast')

    const more = new Statistics([countRate({ size: 2, volume: 1 }), RATE], 0)
    more.restore(rolling.save(0), 0)
    const less = new Statistics([RATE], 0)
    less.restore(counting.save(0), 0)
    const taken = new Statistics([countRate({ size: 2, volume: 1 }), RATE], 0)
    taken.takeOver(rolling, 0)

    expect([more, less, taken].map((statistics) => statistics.stats().failures)).toEqual([1, 1, 1])
    expect([more, less, taken].map((statistics) => statistics.trippedBy())).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('windows of one length, cut differently', () => {
  const fine = errorRate({ percent: 100, volume: 5, windowMs: 1_000, buckets: 10 })
  const coarse = errorRate({ percent: 100, volume: 1, windowMs: 1_000, buckets: 2 })

  it('are two, and each rule has its own', () => {
    const statistics = new Statistics([fine, coarse], 0)
    statistics.failure(900, 'fast')
    statistics.advance(1_499)
    expect(statistics.trippedBy()).toBe('error-rate')

    statistics.advance(1_550)

    expect(statistics.stats().failures).toBe(1)
    expect(statistics.trippedBy()).toBeUndefined()
  })

  it('are taken over each from its like', () => {
    const rules = [coarse, { ...fine, volume: 1 }]
    const before = new Statistics(rules, 0)
    before.failure(510, 'fast')

    const after = new Statistics(rules, 950)
    after.takeOver(before, 950)
    after.advance(1_550)

    expect(after.trippedBy()).toBeUndefined()
  })
})

it('windows of two lengths, cut into equally many parts, are taken over each from its like', () => {
  const short = errorRate({ percent: 100, volume: 1, windowMs: 1_000, buckets: 10 })
  const long = errorRate({ percent: 100, volume: 1, windowMs: 60_000, buckets: 10 })
  const before = new Statistics([short, long], 0)
  before.failure(0, 'fast')

  const after = new Statistics([short, long], 9_500)
  after.takeOver(before, 9_500)

  expect(after.trippedBy()).toBe('error-rate')
})

describe('slow calls', () => {
  it('that were seen at their end count once, as what they were', () => {
    const statistics = new Statistics([SLOW], 0)
    statistics.success(0, 'slow')
    statistics.success(0, 'slow')

    expect(statistics.stats()).toMatchObject({ successes: 2, failures: 0, slow: 2, total: 2 })
    expect(statistics.trippedBy()).toBeUndefined()

    statistics.failure(0, 'slow')
    statistics.failure(0, 'fast')

    expect(statistics.stats()).toMatchObject({ successes: 2, failures: 2, slow: 3, total: 4 })
    expect(statistics.trippedBy()).toBe('slow-calls')
  })
})
