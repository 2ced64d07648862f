/**
 * How a pipeline is cut into stretches must not be seen from outside. Policies that do nothing, put between the others,
 * force other cuts; everything that can be observed has to stay the same.
 */
import {
  Bulkhead,
  CircuitBreaker,
  consecutiveFailures,
  constant,
  RateLimiter,
  Retry,
  Timeout,
} from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guard } from '../guard.js'
import type { Policy } from '../policy.js'
import { countingMeter } from './counting-meter.model.js'
import { buildRunner, stagesOf } from './pipeline.js'

type Kind = 'fallback' | 'timeout' | 'retry' | 'guard' | 'breaker' | 'bulkhead' | 'queue' | 'rate' | 'pace'
type Neutral = 'none' | 'guard' | 'bulkhead' | 'breaker' | 'retry'

interface CallSpec {
  readonly startMs: number
  readonly takesMs: number | undefined
  readonly fails: boolean
  readonly abortsAfterMs: number | undefined
  readonly budgetMs: number | undefined
}

interface Stack {
  readonly kind: Kind
  /** What stands inside of this policy and does nothing. */
  readonly neutral: Neutral
}

const KINDS: readonly Kind[] = [
  'fallback',
  'timeout',
  'retry',
  'guard',
  'breaker',
  'bulkhead',
  'queue',
  'rate',
  'pace',
]

/**
 * Callers' own times never fall together with those of policies, nor the end of a wait in the queue with that of a call: who is first then
 * depends on the cut, and may.
 */
const every = (stepMs: number, maxMs: number, offsetMs = 0): fc.Arbitrary<number> =>
  fc.nat(maxMs / stepMs).map((steps) => steps * stepMs + offsetMs)

const call: fc.Arbitrary<CallSpec> = fc.record({
  startMs: every(5, 120),
  takesMs: fc.option(every(5, 90), { nil: undefined }),
  fails: fc.boolean(),
  abortsAfterMs: fc.option(every(5, 150, 2), { nil: undefined, freq: 4 }),
  budgetMs: fc.option(fc.oneof(every(5, 150, 1), fc.constant(0)), { nil: undefined, freq: 3 }),
})

const stack: fc.Arbitrary<Stack[]> = fc
  .uniqueArray(
    fc.record({
      kind: fc.constantFrom<Kind>(...KINDS),
      neutral: fc.constantFrom<Neutral>('none', 'guard', 'bulkhead', 'breaker', 'retry'),
    }),
    { minLength: 1, maxLength: 5, selector: ({ kind }) => kind },
  )
  // Refused orders are of no interest here.
  .map((policies) =>
    policies.toSorted((one, other) => Number(other.kind === 'fallback') - Number(one.kind === 'fallback')),
  )

/** The policies with their numbers on show. */
class Bench {
  readonly clock = new SimClock()
  readonly told: string[] = []
  private readonly shows: (() => unknown)[] = []

  make(kind: Kind): Policy<unknown> {
    const { clock } = this
    if (kind === 'guard') {
      return guard({
        enter: () => undefined,
        exit: (_call, outcome) => void this.told.push(`${outcome.kind} at ${clock.now()}`),
      })
    }
    if (kind === 'fallback')
      return new Fallback({ chain: [(cause) => [cause.kind, cause.policy, cause.attempt]], limit: 2 })
    if (kind === 'timeout')
      return this.show(new Timeout({ timeoutMs: 40, clock }), ({ expirations }) => expirations)
    if (kind === 'retry')
      return this.show(
        new Retry({ maxRetries: 1, backoff: constant({ ms: 15 }), clock }),
        ({ counts }) => counts,
      )
    if (kind === 'breaker') {
      const breaker = new CircuitBreaker({ trip: consecutiveFailures(3), openMs: 60, clock })
      return this.show(breaker, () => [
        breaker.state,
        breaker.snapshot().total,
        breaker.snapshot().rejections,
      ])
    }
    if (kind === 'rate' || kind === 'pace') {
      const waits = { limit: kind === 'pace' ? 2 : 0, maxWaitMs: 50 }
      const limiter = new RateLimiter({ rate: 1, perMs: 25, burst: 1, queue: waits, clock })
      return this.show(limiter, () => limiter.snapshot())
    }
    const queue = { limit: kind === 'queue' ? 2 : 0, maxWaitMs: 24 }
    return this.show(new Bulkhead({ limit: 2, queue, clock }), (bulkhead) => bulkhead.snapshot())
  }

  neutral(kind: Neutral): Policy<unknown>[] {
    const { clock } = this
    if (kind === 'guard') return [guard({ enter: () => undefined, exit: () => undefined })]
    if (kind === 'bulkhead') return [new Bulkhead({ limit: 1_000, clock })]
    if (kind === 'retry') return [new Retry({ maxRetries: 0, clock })]
    if (kind === 'breaker') return [new CircuitBreaker({ trip: consecutiveFailures(1_000), clock })]
    return []
  }

  numbers(): unknown[] {
    return this.shows.map((show) => show())
  }

  private show<P>(policy: P, look: (policy: P) => unknown): P {
    this.shows.push(() => look(policy))
    return policy
  }
}

async function observe(
  policies: readonly Stack[],
  calls: readonly CallSpec[],
  cut: boolean,
): Promise<unknown> {
  const bench = new Bench()
  const { clock } = bench
  const meter = countingMeter()
  const made = policies.flatMap(({ kind, neutral }) => [
    bench.make(kind),
    ...bench.neutral(cut ? neutral : 'none'),
  ])
  const runner = buildRunner(
    [{ ...meter.stage, clock }, ...made.flatMap((policy, index) => stagesOf(policy, index))],
    undefined,
  )
  const ends: unknown[] = calls.map(() => 'never ended')
  calls.forEach((spec, id) => {
    clock.schedule(spec.startMs, () => {
      const controller = new AbortController()
      if (spec.abortsAfterMs !== undefined)
        clock.schedule(clock.now() + spec.abortsAfterMs, () => controller.abort('caller'))
      const work = ({
        attempt,
        deadline,
      }: {
        attempt: number
        deadline?: number | undefined
      }): Promise<unknown> =>
        new Promise((resolve, reject) => {
          bench.told.push(`call ${id} attempt ${attempt} at ${clock.now()} until ${deadline}`)
          if (spec.takesMs === undefined) return
          clock.io(clock.now() + spec.takesMs, () =>
            spec.fails ? reject(new Error('down')) : resolve('answer'),
          )
        })
      const began = clock.now()
      void runner.outcome(work, { signal: controller.signal, budgetMs: spec.budgetMs }).then((outcome) => {
        const what =
          outcome.kind === 'success'
            ? outcome.value
            : outcome.error instanceof Error
              ? outcome.error.message
              : outcome.error
        ends[id] = [outcome.kind, what, clock.now() - began]
      })
    })
  })
  await clock.advance(2_000)
  return {
    ends,
    told: bench.told.toSorted(),
    numbers: bench.numbers(),
    sums: meter.sums,
    pending: clock.pending,
  }
}

describe('stretches', () => {
  it('X2: behave alike however a pipeline is cut into them', async () => {
    await fc.assert(
      fc.asyncProperty(stack, fc.array(call, { minLength: 1, maxLength: 6 }), async (policies, calls) => {
        expect(await observe(policies, calls, true)).toEqual(await observe(policies, calls, false))
      }),
      { numRuns: 1_000 },
    )
  }, 60_000)
})
