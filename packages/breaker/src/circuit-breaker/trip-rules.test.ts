import { InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import {
  consecutiveFailures,
  countRate,
  errorRate,
  slowCalls,
  tripRuleProblem,
  tripWhen,
} from './trip-rules.js'

describe('the trip rules', () => {
  it('are frozen values with everything filled in', () => {
    const rules = [
      errorRate(),
      countRate(),
      countRate({ size: 5 }),
      slowCalls({ slowerThanMs: 300 }),
      consecutiveFailures(5),
    ]

    expect(rules).toEqual([
      { kind: 'error-rate', percent: 50, volume: 20, windowMs: 10_000, buckets: 10 },
      { kind: 'count-rate', percent: 50, size: 100, volume: 20 },
      { kind: 'count-rate', percent: 50, size: 5, volume: 5 },
      { kind: 'slow-calls', percent: 50, slowerThanMs: 300, volume: 20, windowMs: 10_000, buckets: 10 },
      { kind: 'consecutive-failures', failures: 5 },
    ])
    expect(rules.every((rule) => Object.isFrozen(rule))).toBe(true)
    expect(Object.isFrozen(tripWhen(() => true))).toBe(true)
  })

  it('tripWhen trips on true only', () => {
    const stats = { successes: 0, failures: 0, slow: 0, total: 0, errorPercent: 0, consecutiveFailures: 0 }
    const answers = [true, false, 1, 'yes', undefined, Promise.resolve(true)]

    expect(answers.map((answer) => tripWhen(() => answer as boolean).when(stats))).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })

  it('say in words that a share is more than nothing', () => {
    expect(() => errorRate({ percent: 0 })).toThrow(
      'percent: expected a number above 0, at most 100, received 0',
    )
  })

  it.each<[string, () => unknown, string[]]>([
    ['a percentage of 0', () => errorRate({ percent: 0 }), ['percent']],
    ['more than all', () => errorRate({ percent: 101 }), ['percent']],
    ['half a call', () => errorRate({ volume: 1.5 }), ['volume']],
    ['no call', () => countRate({ volume: 0 }), ['volume']],
    ['a volume that the window cannot hold', () => countRate({ size: 10, volume: 11 }), ['volume']],
    ['no window', () => errorRate({ windowMs: 0 }), ['windowMs']],
    ['buckets that do not divide the window', () => errorRate({ windowMs: 1_000, buckets: 3 }), ['buckets']],
    ['buckets of less than a millisecond', () => errorRate({ windowMs: 5, buckets: 10 }), ['buckets']],
    ['too many buckets', () => slowCalls({ slowerThanMs: 1, buckets: 10_001 }), ['buckets']],
    ['no limit for slow calls', () => slowCalls({} as { slowerThanMs: number }), ['slowerThanMs']],
    ['a limit of 0', () => slowCalls({ slowerThanMs: 0 }), ['slowerThanMs']],
    ['no options of slow calls', () => slowCalls(null as unknown as { slowerThanMs: number }), ['']],
    ['no number of failures', () => consecutiveFailures(undefined as unknown as number), ['failures']],
    ['0 failures', () => consecutiveFailures(0), ['failures']],
    ['no rule', () => tripWhen(undefined as unknown as () => boolean), ['when']],
    ['a rule that is no function', () => tripWhen('always' as unknown as () => boolean), ['when']],
    ['an unknown key', () => errorRate({ percentage: 5 } as object), ['percentage']],
    ['several faults', () => errorRate({ percent: -1, volume: -1 }), ['percent', 'volume']],
  ])('refuse %s', (_, create, paths) => {
    expect(create).toThrow(InvalidOptionsError)
    expect(create).toThrow(
      expect.objectContaining({ issues: paths.map((path) => expect.objectContaining({ path }) as unknown) }),
    )
  })

  it('are told from other things', () => {
    const rules = [
      errorRate(),
      countRate(),
      slowCalls({ slowerThanMs: 1 }),
      consecutiveFailures(1),
      tripWhen(() => true),
    ]
    const others = [
      null,
      undefined,
      5,
      'error-rate',
      {},
      { kind: 'error-rate' },
      Object.freeze({ kind: 'x' }),
      errorRate,
    ]

    expect(rules.map(tripRuleProblem)).toEqual([undefined, undefined, undefined, undefined, undefined])
    for (const other of others) expect(tripRuleProblem(other)).toContain('a trip rule')
  })
})
