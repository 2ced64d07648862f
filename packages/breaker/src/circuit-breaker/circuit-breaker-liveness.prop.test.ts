import { CircuitOpenError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edges } from './breaker-steps.model.js'
import { CircuitBreaker } from './circuit-breaker.js'
import { replay, runs } from './circuit-breaker-steps.model.js'
import { Permit } from './permit.js'
import { errorRate, slowCalls } from './trip-rules.js'

interface Plan {
  readonly options: {
    readonly openMs: number
    readonly leaseMs: number
    readonly limit: number
    readonly rampMs: number
  }
  readonly hasSlowRule: boolean
  /** Calls as they come: how long until each, and what becomes of it; `undefined`: it never ends. */
  readonly calls: readonly { readonly afterMs: number; readonly end: 'success' | 'failure' | undefined }[]
}

const plans: fc.Arbitrary<Plan> = fc.record({
  options: fc.record({
    openMs: fc.constantFrom(0, 1, 60),
    leaseMs: fc.constantFrom(1, 20, 60),
    limit: fc.integer({ min: 1, max: 3 }),
    rampMs: fc.constantFrom(0, 30),
  }),
  hasSlowRule: fc.boolean(),
  calls: fc.array(
    fc.record({
      afterMs: fc.constantFrom(0, 1, 10, 19, 20, 21, 60, 61, 500),
      end: fc.constantFrom('success', 'failure', 'failure', undefined),
    }),
    { maxLength: 20, size: 'max' },
  ),
})

function breakerOf({ options, hasSlowRule }: Plan, clock: SimClock): CircuitBreaker {
  const { openMs, leaseMs, limit, rampMs } = options
  const rate = errorRate({ percent: 50, volume: 2, windowMs: 1_000 })
  return new CircuitBreaker({
    clock,
    openMs,
    trip: hasSlowRule ? [rate, slowCalls({ slowerThanMs: 15, volume: 2 })] : rate,
    probes: { limit, leaseMs },
    ramp: rampMs === 0 ? false : { durationMs: rampMs },
  })
}

describe('a breaker whose calls may never end', () => {
  it('B6: admits some call within an open time and a lease, in its ramp too', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const clock = new SimClock()
        const breaker = breakerOf(plan, clock)
        for (const { afterMs, end } of plan.calls) {
          await clock.advance(afterMs)
          const permit = breaker.tryAcquire()
          if (permit instanceof Permit && end !== undefined) permit.settle(end)
        }

        const { openMs, leaseMs } = plan.options
        const within = openMs + leaseMs
        let admitted = 0
        for (let ms = 0; ms <= within; ms += 5) {
          if (breaker.tryAcquire() instanceof Permit) admitted++
          await clock.advance(Math.min(5, within - ms))
        }
        if (breaker.tryAcquire() instanceof Permit) admitted++

        expect(admitted).toBeGreaterThan(0)
      }),
      { numRuns: 500 },
    )
  })

  it('B6: admits some call after its open time and a lease, whatever was done to it', () => {
    fc.assert(
      fc.property(runs, ({ rules, steps }) => {
        const { clock, breaker } = replay({ rules, steps: steps.filter((step) => step.do !== 'openFor') })
        breaker.release()

        clock.stall(3 * rules.baseOpenMs + rules.leaseMs)

        expect(breaker.tryAcquire()).toBeInstanceOf(Permit)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a refusal', () => {
  it('B12: is one error for as long as nothing changes, and tells a time to wait that is never negative', () => {
    fc.assert(
      fc.property(
        runs,
        fc.array(fc.constantFrom(0, 1, 49, 50, 400, 1_000), { maxLength: 5 }),
        (run, waits) => {
          const { clock, breaker, transitions } = replay(run)
          let before: { readonly error: CircuitOpenError; readonly period: number } | undefined
          for (const ms of [0, ...waits]) {
            clock.stall(ms)
            const error = breaker.tryAcquire()
            if (!(error instanceof CircuitOpenError)) return
            const period = transitions.length
            if (before?.period === period) expect(error).toBe(before.error)
            before = { error, period }

            const { retryAfterMs } = error
            if (breaker.state === 'forced-open') expect(retryAfterMs).toBeUndefined()
            else expect(retryAfterMs).toBe(Math.ceil(breaker.snapshot().retryAfterMs))
            expect(retryAfterMs ?? 0).toBeGreaterThanOrEqual(0)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('the wall clock', () => {
  it('B13: may be set back and forth at any moment and decides nothing', () => {
    const jumps = fc.array(fc.constantFrom(-3_600_000, -1, 0, 1, 3_600_000, -1e12, 1e12), { minLength: 1 })
    fc.assert(
      fc.property(runs, jumps, (run, shifts) => {
        const still = replay(run)
        let step = 0
        const jumping = replay(run, ({ clock }) => {
          clock.shiftEpoch(shifts[step++ % shifts.length] ?? 0)
        })

        expect(jumping.transitions).toEqual(still.transitions)
        expect(edges(jumping.transitions)).toEqual(still.naive.edges)
        expect(jumping.late).toEqual(still.late)
        expect(jumping.breaker.snapshot()).toEqual(still.breaker.snapshot())
      }),
      { numRuns: 500 },
    )
  })
})
