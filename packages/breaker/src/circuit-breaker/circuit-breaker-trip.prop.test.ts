import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acquire, setUp } from './breaker-steps.model.js'
import type { CircuitBreaker } from './circuit-breaker.js'
import type { TripRule } from './core/trip-rule.js'
import { consecutiveFailures, countRate, errorRate, slowCalls, tripWhen } from './trip-rules.js'

interface Ended {
  readonly failed: boolean
  readonly slow: boolean
  /** Through a permit, or synchronously. */
  readonly way: 'permit' | 'sync'
  readonly afterMs: number
}

/** Whether the rule is fulfilled by these calls, all of them told with their time; counted anew each time. */
type Naive = (calls: readonly (Ended & { readonly at: number })[], hasRollingRule: boolean) => boolean

const WINDOW = { windowMs: 1_000, buckets: 10 }
const calls: fc.Arbitrary<Ended[]> = fc.array(
  fc.record({
    failed: fc.boolean(),
    slow: fc.boolean(),
    way: fc.constantFrom('permit', 'sync'),
    afterMs: fc.oneof(fc.constant(0), fc.constantFrom(1, 99, 100, 101, 900, 999, 1_000, 5_000)),
  }),
  { maxLength: 30, size: 'max' },
)

function inWindow<T extends { readonly at: number }>(list: readonly T[], bucketMs = 100): readonly T[] {
  const last = Math.floor((list.at(-1)?.at ?? 0) / bucketMs)
  return list.filter(({ at }) => Math.floor(at / bucketMs) > last - WINDOW.buckets)
}

function share<T>(
  list: readonly T[],
  isPart: (entry: T) => boolean,
  percent: number,
  volume: number,
): boolean {
  return list.length >= volume && list.filter(isPart).length * 100 >= percent * list.length
}

const rules: fc.Arbitrary<{ readonly rule: TripRule; readonly naive: Naive }> = fc
  .record({
    percent: fc.integer({ min: 1, max: 100 }),
    volume: fc.integer({ min: 1, max: 8 }),
    size: fc.nat(8),
  })
  .chain(({ percent, volume, size }) =>
    fc.constantFrom<{ rule: TripRule; naive: Naive }>(
      {
        rule: errorRate({ percent, volume, ...WINDOW }),
        naive: (list) => share(inWindow(list), ({ failed }) => failed, percent, volume),
      },
      {
        rule: slowCalls({ percent, volume, slowerThanMs: 100, ...WINDOW }),
        naive: (list) => share(inWindow(list), ({ slow, way }) => slow && way === 'permit', percent, volume),
      },
      {
        rule: countRate({ percent, volume, size: volume + size }),
        naive: (list) => share(list.slice(-volume - size), ({ failed }) => failed, percent, volume),
      },
      {
        rule: consecutiveFailures(volume),
        naive: (list) => list.length >= volume && list.slice(-volume).every(({ failed }) => failed),
      },
      {
        rule: tripWhen(({ successes, failures }) => failures > volume && successes < size),
        naive: (list, hasRollingRule) => {
          // It sees the window of the first rolling rule, or 10 s in buckets of 1 s.
          const seen = hasRollingRule ? inWindow(list, 100) : inWindow(list, 1_000)
          const failures = seen.filter(({ failed }) => failed).length
          return failures > volume && seen.length - failures < size
        },
      },
    ),
  )

function make(breaker: CircuitBreaker, { failed, slow, way }: Ended): void {
  if (way === 'permit') acquire(breaker).settle(failed ? 'failure' : 'success', slow ? 101 : 100)
  else {
    const work = (): void => {
      if (failed) throw new Error('failed')
    }
    if (failed) expect(() => breaker.executeSync(work)).toThrow('failed')
    else breaker.executeSync(work)
  }
}

describe('a breaker with one rule or several', () => {
  it('B7: trips with the call that fulfils a rule, and with no other', () => {
    fc.assert(
      fc.property(fc.array(rules, { minLength: 1, maxLength: 3 }), calls, (list, made) => {
        const unique = list.filter(
          ({ rule }, index) => list.findIndex((other) => other.rule.kind === rule.kind) === index,
        )
        const { clock, breaker } = setUp({ trip: unique.map(({ rule }) => rule) })
        const isRolling = unique.some(({ rule }) => rule.kind === 'error-rate' || rule.kind === 'slow-calls')
        const ended: (Ended & { at: number })[] = []
        for (const call of made) {
          clock.stall(call.afterMs)
          ended.push({ ...call, at: clock.now() })

          make(breaker, call)

          const isFulfilled = unique.some(({ naive }) => naive(ended, isRolling))
          expect(breaker.state).toBe(isFulfilled ? 'open' : 'closed')
          if (isFulfilled) return
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
