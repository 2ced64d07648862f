import { InvalidOptionsError, seededRandom } from '@breakwater/kernel'
import type { Random } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { constant, decorrelated, exponential, isBackoff, linear } from './backoff.js'
import type { Backoff } from './backoff.js'

const always = (chance: number): Random => ({ next: () => chance })
const delays = (backoff: Backoff, steps: readonly number[], chance = 0.5): number[] =>
  steps.map((step) => backoff.delayMs(step, always(chance)))

function issuesOf(make: () => unknown): string[] {
  try {
    make()
    return []
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error.issues.map((issue) => issue.path)
    throw error
  }
}

describe('constant', () => {
  it('waits the same each time', () => {
    expect(delays(constant({ ms: 250 }), [1, 2, 1e9])).toEqual([250, 250, 250])
  })

  it('may wait 0 ms', () => {
    expect(delays(constant({ ms: 0 }), [1])).toEqual([0])
  })
})

describe('linear', () => {
  it('waits longer by the same amount up to the maximum', () => {
    expect(delays(linear({ baseMs: 100, maxMs: 350 }), [1, 2, 3, 4, 1e9])).toEqual([100, 200, 300, 350, 350])
  })
})

describe('exponential', () => {
  it('doubles up to the maximum', () => {
    expect(delays(exponential({ firstMs: 100, maxMs: 1_000 }), [1, 2, 3, 4, 5])).toEqual([
      100, 200, 400, 800, 1_000,
    ])
  })

  it('multiplies by the factor', () => {
    expect(delays(exponential({ firstMs: 1, maxMs: 1_000, factor: 10 }), [1, 2, 3, 4])).toEqual([
      1, 10, 100, 1_000,
    ])
    expect(delays(exponential({ firstMs: 7, maxMs: 1_000, factor: 1 }), [1, 2, 1e9])).toEqual([7, 7, 7])
  })

  it('keeps its maximum where the power overflows, and 0 where it starts from 0', () => {
    expect(delays(exponential({ firstMs: 1, maxMs: 60_000 }), [1_025, 1e6, 1e9])).toEqual([
      60_000, 60_000, 60_000,
    ])
    expect(delays(exponential({ firstMs: 0, maxMs: 60_000 }), [1, 1e9])).toEqual([0, 0])
  })

  it.each([true, 'full'] as const)('draws from 0 to the delay with jitter %s', (jitter) => {
    const backoff = exponential({ firstMs: 100, maxMs: 1_000, jitter })

    expect(delays(backoff, [1, 2, 9], 0)).toEqual([0, 0, 0])
    expect(delays(backoff, [1, 2, 9], 0.25)).toEqual([25, 50, 250])
  })

  it('draws from half the delay to the delay with equal jitter', () => {
    const backoff = exponential({ firstMs: 100, maxMs: 1_000, jitter: 'equal' })

    expect(delays(backoff, [1, 9], 0)).toEqual([50, 500])
    expect(delays(backoff, [1, 9], 0.5)).toEqual([75, 750])
  })

  it('shows its rule, with the defaults filled in', () => {
    expect(exponential({ firstMs: 1, maxMs: 9 })).toMatchObject({
      kind: 'exponential',
      firstMs: 1,
      maxMs: 9,
      factor: 2,
      jitter: false,
    })
    expect(exponential({ firstMs: 1, maxMs: 9, jitter: true }).jitter).toBe('full')
  })
})

describe('decorrelated', () => {
  const backoff = decorrelated({ baseMs: 100, maxMs: 2_000 })

  it('draws the first delay between the base and three times the base', () => {
    expect(delays(backoff, [1, 1_000], 0)).toEqual([100, 100])
    expect(delays(backoff, [1, 1_000], 0.5)).toEqual([200, 200])
  })

  it('draws the next between the base and three times the previous one, up to the maximum', () => {
    expect(backoff.delayMs(2, always(0.5), 300)).toBe(500)
    expect(backoff.delayMs(3, always(0), 300)).toBe(100)
    expect(backoff.delayMs(3, always(0.9), 2_000)).toBe(2_000)
  })

  it.each([0, 99, -5, NaN])('takes the base for a previous delay of %d', (previousMs) => {
    expect(backoff.delayMs(2, always(0.5), previousMs)).toBe(200)
  })
})

describe('every back-off', () => {
  const all = [
    constant({ ms: 100 }),
    linear({ baseMs: 100, maxMs: 200 }),
    exponential({ firstMs: 100, maxMs: 200, jitter: 'full' }),
    decorrelated({ baseMs: 100, maxMs: 200 }),
  ]

  it('is a frozen back-off whose fields can be read', () => {
    expect(all.every((backoff) => isBackoff(backoff) && Object.isFrozen(backoff))).toBe(true)
    expect(all.map((backoff) => JSON.stringify(backoff))).toEqual([
      '{"kind":"constant","ms":100}',
      '{"kind":"linear","baseMs":100,"maxMs":200}',
      '{"kind":"exponential","firstMs":100,"maxMs":200,"factor":2,"jitter":"full"}',
      '{"kind":"decorrelated","baseMs":100,"maxMs":200}',
    ])
  })

  it('draws the same delays from the same seed', () => {
    const draw = (): number[] => {
      const random = seededRandom(42)
      return all.flatMap((backoff) => [1, 2, 3].map((step) => backoff.delayMs(step, random)))
    }

    expect(draw()).toEqual(draw())
  })

  it('takes a step below 1 for the first', () => {
    for (const backoff of all) {
      expect(delays(backoff, [0, -5, NaN])).toEqual(delays(backoff, [1, 1, 1]))
    }
  })

  it('asks for no chance where nothing is left to it', () => {
    const never = {
      next: (): number => {
        throw new Error('asked')
      },
    }

    expect(exponential({ firstMs: 5, maxMs: 9 }).delayMs(1, never)).toBe(5)
    expect(linear({ baseMs: 5, maxMs: 9 }).delayMs(1, never)).toBe(5)
  })
})

describe('isBackoff', () => {
  it.each<unknown>([
    null,
    undefined,
    5_000,
    'constant',
    {},
    { kind: 'mine' },
    { delayMs: () => 1 },
    { kind: 1, delayMs: () => 1 },
    { kind: 'mine', delayMs: 1 },
  ])('says no to %j', (value) => {
    expect(isBackoff(value)).toBe(false)
  })

  it("says yes to a user's own", () => {
    expect(isBackoff({ kind: 'mine', delayMs: () => 1 })).toBe(true)
  })
})

describe('bad options', () => {
  // What plain JavaScript or a configuration file may hand over, past the types.
  const untyped = (value: unknown): never => value as never

  it('K6: names each missing one', () => {
    expect(issuesOf(() => constant(untyped({})))).toEqual(['ms'])
    expect(issuesOf(() => linear(untyped({})))).toEqual(['baseMs', 'maxMs'])
    expect(issuesOf(() => exponential(untyped({})))).toEqual(['firstMs', 'maxMs'])
    expect(issuesOf(() => decorrelated(untyped({ maxMs: 1 })))).toEqual(['baseMs'])
  })

  it.each([-1, NaN, Infinity, 2 ** 31, '100', null])('K6: names a duration of %j once', (bad) => {
    expect(issuesOf(() => constant(untyped({ ms: bad })))).toEqual(['ms'])
    expect(issuesOf(() => linear(untyped({ baseMs: bad, maxMs: 10 })))).toEqual(['baseMs'])
    expect(issuesOf(() => exponential(untyped({ firstMs: 10, maxMs: bad })))).toEqual(['maxMs'])
    expect(issuesOf(() => decorrelated(untyped({ baseMs: bad, maxMs: 10 })))).toEqual(['baseMs'])
  })

  it('K6: names a factor and a jitter that cannot be', () => {
    const make = (more: object) => () => exponential(untyped({ firstMs: 1, maxMs: 2, ...more }))

    expect(issuesOf(make({ factor: 0.5 }))).toEqual(['factor'])
    expect(issuesOf(make({ factor: 101 }))).toEqual(['factor'])
    expect(issuesOf(make({ jitter: 'ful' }))).toEqual(['jitter'])
    expect(issuesOf(make({ factor: 1, jitter: 'equal' }))).toEqual([])
    expect(issuesOf(make({ factr: 2 }))).toEqual(['factr'])
  })

  it('K6: names a maximum below the first delay', () => {
    expect(issuesOf(() => linear({ baseMs: 11, maxMs: 10 }))).toEqual(['maxMs'])
    expect(issuesOf(() => exponential({ firstMs: 11, maxMs: 10 }))).toEqual(['maxMs'])
    expect(issuesOf(() => decorrelated({ baseMs: 11, maxMs: 10 }))).toEqual(['maxMs'])
    expect(issuesOf(() => linear({ baseMs: 10, maxMs: 10 }))).toEqual([])
  })
})
