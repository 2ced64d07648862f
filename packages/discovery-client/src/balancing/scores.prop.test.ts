import { onInternalError, seededRandom } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL, fleet, lab } from './balancing.model.js'
import type { BalancerOptions } from './balancer-options.js'
import type { Pick } from './pick.js'

// Bad weights are reported, which is not the matter here.
let unsubscribe = (): void => {}
beforeAll(() => {
  unsubscribe = onInternalError(() => {})
})
afterAll(() => {
  unsubscribe()
})

/** Four instances of two zones, versions and levels; the last one is left out by the filter, and one has no weight. */
const members = fleet(4, (index) => ({
  zone: index % 2 === 0 ? 'a' : 'b',
  weight: [1, 5, 0, 1][index]!,
  metadata: {
    tier: index === 3 ? 'bad' : 'good',
    version: index === 1 ? 'next' : 'now',
    priority: String(index % 2),
  },
}))
const KINDS: readonly OutcomeKind[] = ['success', 'failure', 'timeout', 'rejected', 'cancelled', 'ignored']
const ORIGINS = ['answer', 'gateway', 'local', 'throttled'] as const

/** Any mix of options; each is left out now and then. */
const mixes: fc.Arbitrary<Omit<BalancerOptions, 'source' | 'service'>> = fc.record(
  {
    ejection: fc.constantFrom(
      {},
      false as const,
      { recovery: 'timer' as const, baseEjectionMs: 100, consecutiveFailures: 1 },
      { baseEjectionMs: 100, consecutiveFailures: 1, maxEjectedPercent: 100 },
    ),
    panic: fc.constantFrom({}, false as const),
    slowStart: fc.constantFrom({}, { windowMs: 500 }),
    subset: fc.constantFrom({ size: 1 }, { size: 2 }),
    zone: fc.constantFrom({ own: 'a' }, { own: 'nowhere' }),
    priority: fc.constantFrom({}, false as const),
    probation: fc.constantFrom({}, false as const),
    filter: fc.constant({ tier: 'good' }),
    route: fc.record({ match: fc.constant({ version: 'next' }), sharePercent: fc.nat(100) }),
    failurePenaltyMs: fc.constantFrom(0, 5, 60_000),
  },
  { requiredKeys: [] },
)

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('pick' as const), exclude: fc.subarray(['i0', 'i1']) }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('done' as const),
        which: fc.nat(),
        kind: fc.constantFrom(...KINDS),
        ms: fc.constantFrom(undefined, 0, 5, 10_000, NaN, -1, Infinity, 1e300),
        origin: fc.constantFrom(undefined, ...ORIGINS),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('execute' as const), fails: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.constantFrom(0, 0.01, 1, 150, 400_000),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('list' as const), ids: fc.subarray([0, 1, 2, 3]) }) },
  ),
  { maxLength: 40, size: 'max' },
)

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never
type World = ReturnType<typeof lab> & { readonly open: Pick[] }

async function play({ balancer, clock, source, open }: World, step: Steps[number]): Promise<void> {
  if (step.do === 'wait') await clock.advance(step.ms)
  else if (step.do === 'list') source.publish(step.ids.map((index) => members[index]!))
  else if (step.do === 'done') {
    open.splice(step.which % (open.length || 1), 1)[0]?.done(step.kind, step.ms, step.origin)
  } else if (source.snapshot()?.instances.some(({ metadata }) => metadata['tier'] === 'good') ?? false) {
    if (step.do === 'pick') open.push(balancer.pick({ exclude: step.exclude, key: 'a' }))
    else {
      const work = (): number => {
        if (step.fails) throw new Error('down')
        return 1
      }
      await balancer.execute(work).catch(() => {})
    }
  }
}

/** The numbers that a strategy shows, and those of latency. */
function numbersOf({ balancer, open }: World): number[] {
  const shown = balancer.snapshot().instances.flatMap(({ score, latencyMs }) => [score, latencyMs])
  const compared = open.flatMap(({ why }) => why.candidates.map(({ score }) => score))
  return [...shown, ...compared].filter((number) => number !== undefined)
}

const isOrderly = (score: number): boolean => Number.isFinite(score) && score >= 0 && !Object.is(score, -0)

describe.each(ALL)('%s', (strategy) => {
  it('P10: has finite scores of at least 0, whatever options are combined', async () => {
    await fc.assert(
      fc.asyncProperty(mixes, steps, fc.nat(1_000), async (mix, list, seed) => {
        const random = seededRandom(`scores ${String(seed)}`)
        const world = { ...lab(members, { ...mix, strategy, random }), open: [] as Pick[] }
        for (const step of list) {
          await play(world, step)
          expect(numbersOf(world).filter((number) => !isOrderly(number))).toEqual([])
        }
      }),
      { numRuns: strategy === 'maglev' ? 3 : 60 },
    )
  })
})
