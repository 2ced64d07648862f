import { Bulkhead, CircuitBreaker, consecutiveFailures, constant, Retry, Timeout } from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import { SimClock } from '@breakwater/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guard } from '../guard.js'
import type { Policy } from '../policy.js'
import { countingMeter } from './counting-meter.model.js'
import { deferred } from './deferred.model.js'
import { buildRunner, stagesOf } from './pipeline.js'

const KINDS = ['total', 'retry', 'guard', 'breaker', 'queue', 'bulkhead', 'attempt'] as const
const WORKS = ['value', 'throw', 'held', 'thenable', 'settlesTwice', 'abortsItself', 'callsAgain'] as const

type Step =
  | { readonly do: 'call'; readonly work: (typeof WORKS)[number]; readonly budgetMs: number | undefined }
  | { readonly do: 'end'; readonly whom: number; readonly fails: boolean }
  | { readonly do: 'abort'; readonly whom: number }
  | { readonly do: 'advance'; readonly ms: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      work: fc.constantFrom(...WORKS),
      budgetMs: fc.option(fc.constantFrom(0, 7, 60), { nil: undefined, freq: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('end' as const), whom: fc.nat(20), fails: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), whom: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 10, 50) }),
  },
)

/** Everything that a run leaves behind or could have lost. */
class World {
  readonly clock = new SimClock()
  readonly meter = countingMeter()
  readonly bulkheads: Bulkhead[] = []
  readonly fallback: Fallback
  readonly works: PromiseWithResolvers<unknown>[] = []
  readonly callers: AbortController[] = []
  readonly entered = { in: 0, out: 0 }
  ends = 0
  private readonly runner: ReturnType<typeof buildRunner>

  constructor(order: readonly (typeof KINDS)[number][], releaseOnTimeout: boolean) {
    const { clock } = this
    this.fallback = new Fallback({
      chain: [({ attempt }) => (attempt > 1 ? attempt : Promise.reject(new Error('no')))],
      limit: 2,
    })
    const policies = [this.fallback, ...order.map((kind) => this.make(kind, releaseOnTimeout))]
    const stages = policies.flatMap((policy, index) => stagesOf(policy, index))
    this.runner = buildRunner([{ ...this.meter.stage, clock }, ...stages], undefined)
  }

  call(work: (typeof WORKS)[number], budgetMs: number | undefined): void {
    const caller = new AbortController()
    this.callers.push(caller)
    void this.runner
      .outcome(() => this.run(work, caller), { signal: caller.signal, budgetMs })
      .then(() => this.ends++)
  }

  private make(kind: (typeof KINDS)[number], releaseOnTimeout: boolean): Policy<unknown> {
    const { clock } = this
    if (kind === 'total') return new Timeout({ timeoutMs: 45, clock })
    if (kind === 'attempt') return new Timeout({ timeoutMs: 12, clock })
    if (kind === 'retry') return new Retry({ maxRetries: 2, backoff: constant({ ms: 3 }), clock })
    if (kind === 'breaker') return new CircuitBreaker({ trip: consecutiveFailures(3), openMs: 20, clock })
    if (kind === 'guard') {
      return guard({ enter: () => void this.entered.in++, exit: () => void this.entered.out++ })
    }
    const queue = kind === 'queue' ? { limit: 2, maxWaitMs: 20 } : { limit: 0 }
    const bulkhead = new Bulkhead({ limit: 2, queue, releaseOnTimeout, clock })
    this.bulkheads.push(bulkhead)
    return bulkhead
  }

  private run(work: (typeof WORKS)[number], caller: AbortController): unknown {
    if (work === 'value') return 1
    if (work === 'throw') throw new Error('down')
    if (work === 'settlesTwice') return settlesTwice
    if (work === 'abortsItself') caller.abort()
    if (work === 'callsAgain' && this.callers.length < 40) this.call('throw', undefined)
    const held = deferred<unknown>()
    this.works.push(held)
    return work === 'thenable' ? { then: held.promise.then.bind(held.promise) } : held.promise
  }
}

const settlesTwice = {
  then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
    resolve(1)
    reject(new Error('second'))
  },
}

describe('any pipeline', () => {
  it('X2 B4 H6 T7: ends every call once, counts it once, and loses no slot, timer or listener', async () => {
    const order = fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1, maxLength: 5 })
    const steps = fc.array(fc.tuple(fc.nat(6), step), { minLength: 1, maxLength: 25, size: 'max' })
    await fc.assert(
      fc.asyncProperty(order, fc.boolean(), steps, async (kinds, releaseOnTimeout, list) => {
        // A longer time inside of a shorter one is refused.
        const legal =
          kinds.indexOf('attempt') < kinds.indexOf('total') ? kinds.filter((kind) => kind !== 'total') : kinds
        const world = new World(legal, releaseOnTimeout)
        for (const [microtasks, next] of list) {
          for (let waited = 0; waited < microtasks; waited++) await Promise.resolve()
          if (next.do === 'call') world.call(next.work, next.budgetMs)
          else if (next.do === 'advance') await world.clock.advance(next.ms)
          else if (next.do === 'abort') world.callers[next.whom % world.callers.length]?.abort('caller')
          else if (next.fails) world.works[next.whom % world.works.length]?.reject(new Error('down'))
          else world.works[next.whom % world.works.length]?.resolve('answer')
        }
        // Everybody ends; work that comes to run meanwhile too.
        for (let round = 0; round < 200; round++) {
          for (const work of world.works) work.resolve('answer')
          await world.clock.advance(1)
        }

        const { sums } = world.meter
        const total = world.callers.length
        expect(sums).toMatchObject({ started: total, ended: total })
        expect(
          sums.success + sums.failure + sums.timeout + sums.rejected + sums.cancelled + sums.ignored,
        ).toBe(total)
        expect(world.ends).toBe(total)
        expect(world.entered.out).toBe(world.entered.in)
        for (const bulkhead of world.bulkheads)
          expect(bulkhead.snapshot()).toMatchObject({ running: 0, queued: 0 })
        expect(world.fallback.running).toBe(0)
        expect(world.clock.pending).toEqual({ timers: 0, background: 0, io: 0, afterPoll: 0 })
      }),
      { numRuns: 200 },
    )
  }, 60_000)
})
