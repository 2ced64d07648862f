import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BUDGET_BUCKETS, BudgetWindow } from './budget-window.js'

interface Step {
  readonly by: number
  readonly kind: 'call' | 'retry'
}

const shapes = fc.record({
  percent: fc.integer({ min: 0, max: 200 }),
  minPerSecond: fc.integer({ min: 0, max: 5 }),
  windowMs: fc.constantFrom(1_000, 10_000, 60_000),
})

const steps = fc.array(
  fc.record({
    by: fc.oneof(fc.constant(0), fc.nat(300), fc.constantFrom(1_000, 9_999, 10_000, 60_001)),
    kind: fc.constantFrom<Step['kind']>('call', 'call', 'retry', 'retry', 'retry'),
  }),
  { maxLength: 150, size: 'max' },
)

describe('BudgetWindow', () => {
  it('R5: allows a retry exactly when it keeps below the share of the calls and the floor', () => {
    fc.assert(
      fc.property(shapes, steps, ({ percent, minPerSecond, windowMs }, list) => {
        const budget = new BudgetWindow(percent, minPerSecond, windowMs)
        const events: { readonly bucket: number; readonly kind: Step['kind'] }[] = []
        let now = 0
        for (const { by, kind } of list) {
          now += by
          const bucket = Math.floor((now * BUDGET_BUCKETS) / windowMs)
          const count = (of: Step['kind']): bigint =>
            BigInt(
              events.filter((event) => event.kind === of && event.bucket > bucket - BUDGET_BUCKETS).length,
            )
          const earned = BigInt(percent) * count('call') * 10n + BigInt(minPerSecond * windowMs)
          const allowed = count('retry') * 1_000n < earned
          if (kind === 'call') budget.call(now)
          else expect(budget.tryRetry(now)).toBe(allowed)
          if (kind === 'call' || allowed) events.push({ bucket, kind })
        }
      }),
      { numRuns: 200 },
    )
  })

  it('R5: keeps three nested tiers that retry all they may below 1.2³ times the load', () => {
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 2_000 }), fc.integer({ min: 1, max: 20 }), (calls, everyMs) => {
        const tiers = [1, 2, 3].map(() => new BudgetWindow(20, 0, 10_000))
        let arrived = 0
        const send = (tier: number, now: number): void => {
          const budget = tiers[tier]
          if (budget === undefined) {
            arrived++
            return
          }
          budget.call(now)
          send(tier + 1, now)
          for (let retry = 0; retry < 2 && budget.tryRetry(now); retry++) send(tier + 1, now)
        }

        for (let call = 0; call < calls; call++) send(0, call * everyMs)

        // Each tier may be ahead by one retry for each window, since a started fraction of a retry is allowed.
        const windows = Math.ceil((calls * everyMs) / 9_000) + 1
        expect(arrived).toBeLessThanOrEqual(1.2 ** 3 * calls + 4 * windows)
        expect(arrived).toBeGreaterThan(1.5 * calls)
      }),
      { numRuns: 30 },
    )
  })
})
