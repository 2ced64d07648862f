import { onInternalError } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ALL, fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { Pick } from './pick.js'

// Picks that are never done are reported, which is not the matter here.
let unsubscribe = (): void => {}
beforeAll(() => {
  unsubscribe = onInternalError(() => {})
})
afterAll(() => {
  unsubscribe()
})

const KINDS: OutcomeKind[] = ['success', 'failure', 'failure', 'failure', 'timeout', 'cancelled', 'ignored']
const ORIGINS = ['answer', 'gateway', 'local', 'throttled'] as const

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('pick' as const) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('done' as const),
        which: fc.nat(),
        kind: fc.constantFrom(...KINDS),
        origin: fc.constantFrom(...ORIGINS),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('list' as const), ids: fc.subarray([0, 1, 2, 3, 4]) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.constantFrom(0, 1, 999, 5_000, 60_000),
      }),
    },
  ),
  { maxLength: 200, size: 'max' },
)
type Step = typeof steps extends fc.Arbitrary<readonly (infer S)[]> ? S : never

const options = fc.record({
  count: fc.integer({ min: 1, max: 5 }),
  strategy: fc.constantFrom(...ALL.filter((name) => name !== 'maglev')),
  maxEjectedPercent: fc.constantFrom(0, 10, 50, 100),
  alwaysEjectOne: fc.boolean(),
  spareCommonFaults: fc.boolean(),
  consecutiveFailures: fc.integer({ min: 1, max: 3 }),
  recovery: fc.constantFrom('trial' as const, 'timer' as const),
})
type Options = typeof options extends fc.Arbitrary<infer O> ? O : never

function worldOf({ count, strategy, ...ejection }: Options): Lab {
  return lab(fleet(count), {
    strategy,
    ejection: { ...ejection, baseEjectionMs: 1_000, consecutiveLocalFailures: 2 },
  })
}

async function play(world: Lab, open: Pick[], step: Step, size: number): Promise<Pick | undefined> {
  const { balancer, clock, source } = world
  if (step.do === 'wait') await clock.advance(step.ms)
  if (step.do === 'list') {
    const all = fleet(5)
    source.publish(step.ids.length === 0 ? fleet(size) : step.ids.map((id) => all[id]!))
  }
  if (step.do === 'done') open.splice(step.which % (open.length || 1), 1)[0]?.done(step.kind, 10, step.origin)
  if (step.do !== 'pick') return undefined
  const pick = balancer.pick({ key: String(open.length) })
  open.push(pick)
  return pick
}

it('P6: ejection leaves half of the instances to choose from, and always one', async () => {
  await fc.assert(
    fc.asyncProperty(options, steps, async (given, list) => {
      const world = worldOf(given)
      const open: Pick[] = []
      for (const step of list) {
        const pick = await play(world, open, step, given.count)
        if (pick === undefined) continue
        const { instances } = world.balancer.snapshot()
        const { why } = pick
        expect(why.eligible).toBeGreaterThanOrEqual(1)
        expect(why.eligible * 2).toBeGreaterThanOrEqual(instances.length)
        if (!why.panic) expect(why.exclusions.map(({ id }) => id)).not.toContain(pick.instance.id)
      }
    }),
    { numRuns: 150 },
  )
})

it('P6: no more is ejected by a finding than may be, and never the last', async () => {
  await fc.assert(
    fc.asyncProperty(options, steps, async (given, list) => {
      const world = worldOf(given)
      const open: Pick[] = []
      const tooMany: unknown[] = []
      world.balancer.on('ejected', ({ detector }) => {
        const { ejected, instances } = world.balancer.snapshot()
        const isWithin = ejected * 100 <= given.maxEjectedPercent * instances.length
        const isFine = ejected < instances.length && (isWithin || (given.alwaysEjectOne && ejected === 1))
        if (detector !== 'trial' && !isFine) tooMany.push([detector, ejected, instances.length])
      })
      for (const step of list) {
        await play(world, open, step, given.count)
        world.balancer.snapshot()
      }
      expect(tooMany).toEqual([])
    }),
    { numRuns: 150 },
  )
})

it('P6: has one trial of an instance at a time, and no instance is left behind', async () => {
  await fc.assert(
    fc.asyncProperty(options, steps, async (given, list) => {
      const world = worldOf({ ...given, recovery: 'trial' })
      const { balancer, clock } = world
      let open: Pick[] = []
      for (const step of list) {
        await play(world, open, step, given.count)
        const trials = open.filter(({ why }) => why.trial).map(({ instance }) => instance.id)
        // A trial whose lease is over is followed by another one.
        if (step.do === 'wait') open = open.filter(({ why }) => !why.trial)
        expect(new Set(trials).size).toBe(trials.length)
      }
      for (let round = 0; round < 20; round++) {
        for (const pick of open.splice(0)) pick.done('success', 10)
        await clock.advance(400_000)
        for (let count = 0; count < 30; count++) {
          balancer.pick({ key: `${String(round)}-${String(count)}` }).done('success', 10)
        }
        for (const { id } of balancer.snapshot().instances) {
          const exclude = balancer
            .snapshot()
            .instances.map((other) => other.id)
            .filter((other) => other !== id)
          balancer.pick({ exclude }).done('success', 10)
        }
      }
      expect(balancer.snapshot()).toMatchObject({ ejected: 0, panic: false })
      expect(balancer.snapshot().instances.every(({ inFlight }) => inFlight >= 0)).toBe(true)
    }),
    { numRuns: 60 },
  )
})
