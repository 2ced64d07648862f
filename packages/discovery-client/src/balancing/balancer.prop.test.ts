import { NoInstancesError, onInternalError } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL, fleet, lab, shareOf, simulate } from './balancing.model.js'
import type { Pick } from './pick.js'

// Bad lists are reported, which is not the matter here.
let unsubscribe = (): void => {}
beforeAll(() => {
  unsubscribe = onInternalError(() => {})
})
afterAll(() => {
  unsubscribe()
})

const KINDS: OutcomeKind[] = ['success', 'failure', 'timeout', 'rejected', 'cancelled', 'ignored']
const STATUSES = ['UP', 'UP', 'UP', 'DOWN', 'OUT_OF_SERVICE'] as const

/** Changes of the list, calls that begin and end, and time that goes on. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('pick' as const),
        exclude: fc.array(fc.nat(9), { maxLength: 4 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('done' as const),
        which: fc.nat(),
        kind: fc.constantFrom(...KINDS),
        ms: fc.oneof(fc.nat(10_000), fc.constantFrom(NaN, -1, Infinity, -0, 1e300)),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('list' as const),
        members: fc.array(
          fc.record({
            id: fc.nat(9),
            status: fc.constantFrom(...STATUSES),
            weight: fc.constantFrom(0, 1, 5, 1e-300, 1e300, NaN, -1),
            port: fc.constantFrom(0, 0, 0, 1),
          }),
          { maxLength: 12 },
        ),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.constantFrom(0, 1, 99, 1_000, 40_000, 400_000),
      }),
    },
  ),
  { maxLength: 120, size: 'max' },
)

type Steps = typeof steps extends fc.Arbitrary<infer T> ? T : never
type World = ReturnType<typeof lab> & { readonly open: Pick[]; present: Map<string, number> }

async function play(world: World, step: Steps[number]): Promise<void> {
  const { balancer, clock, source, open } = world
  if (step.do === 'wait') await clock.advance(step.ms)
  else if (step.do === 'list') {
    const list = step.members.map(
      ({ id, port, ...more }) => fleet(10, () => more).map((i) => ({ ...i, port: i.port + port * 100 }))[id]!,
    )
    source.publish(list)
    world.present = new Map()
    const seen = new Set<string>()
    for (const { id, status, port } of list) {
      if (!seen.has(id) && status === 'UP') world.present.set(id, port)
      seen.add(id)
    }
  } else if (step.do === 'done') open.splice(step.which % (open.length || 1), 1)[0]?.done(step.kind, step.ms)
  else {
    const exclude = step.exclude.map((id) => `i${String(id)}`)
    if (world.present.size === 0) expect(() => balancer.pick({ exclude })).toThrow(NoInstancesError)
    else {
      const { panic, instances } = balancer.snapshot()
      const resting = instances.filter(({ phase }) => !panic && phase !== 'serving' && phase !== 'due')
      const inService = [...world.present.keys()].filter((id) => !resting.some((other) => other.id === id))
      const pick = balancer.pick({ exclude, key: `k${String(open.length)}` })
      open.push(pick)
      expect(world.present.get(pick.instance.id)).toBe(pick.instance.port)
      const others = inService.filter((id) => !exclude.includes(id))
      expect(others.length > 0 ? others : inService).toContain(pick.instance.id)
      expect(pick.why.relaxed).toBe(others.length === 0)
    }
  }
}

function worldOf(strategy: (typeof ALL)[number]): World {
  const instances = fleet(4)
  return {
    ...lab(instances, { strategy }),
    open: [],
    present: new Map(instances.map(({ id, port }) => [id, port])),
  }
}

const isOrderly = (score: number): boolean => Number.isFinite(score) && score >= 0 && !Object.is(score, -0)

describe.each(ALL)('%s', (strategy) => {
  const runs = strategy === 'maglev' ? 8 : 60

  it('P1: chooses instances of the present list that are up and not excluded, or throws the typed error', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const world = worldOf(strategy)
        for (const step of list) await play(world, step)
      }),
      { numRuns: runs },
    )
  })

  it('P5: counts no call in flight when all have ended, and never fewer than none', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const world = worldOf(strategy)
        for (const step of list) {
          await play(world, step)
          expect(world.balancer.snapshot().instances.every(({ inFlight }) => inFlight >= 0)).toBe(true)
        }
        for (const pick of world.open) {
          pick.done('success')
          pick.done('failure')
        }
        expect(
          world.balancer
            .snapshot()
            .instances.map(({ inFlight }) => inFlight)
            .filter((count) => count !== 0),
        ).toEqual([])
      }),
      { numRuns: runs },
    )
  })

  it('P10: has finite scores of at least 0, whatever latencies and weights', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const world = worldOf(strategy)
        for (const step of list) {
          await play(world, step)
          const compared = world.open.flatMap(({ why }) => why.candidates)
          const scores = [...compared, ...world.balancer.snapshot().instances].flatMap(
            ({ score }) => score ?? [],
          )
          expect(scores.filter((score) => !isOrderly(score))).toEqual([])
        }
      }),
      { numRuns: Math.ceil(runs / 2) },
    )
  })
})

it('P8: keeps the counters of those who stay, and of those who come back soon', () => {
  fc.assert(
    fc.property(fc.array(fc.subarray([0, 1, 2, 3, 4]), { minLength: 1, maxLength: 20 }), (lists) => {
      const all = fleet(5)
      const { balancer, source } = lab(all, { strategy: 'random' })
      const picks = new Map<string, number>()
      for (const list of lists) {
        source.publish(list.map((index) => all[index]!))
        if (list.length > 0) {
          const { instance } = balancer.pick()
          picks.set(instance.id, (picks.get(instance.id) ?? 0) + 1)
        }
        for (const { id, picks: count, inFlight } of balancer.snapshot().instances) {
          expect([id, count, inFlight]).toEqual([id, picks.get(id) ?? 0, picks.get(id) ?? 0])
        }
      }
    }),
  )
})

describe.each(['adaptive', 'peakEwma'] as const)('%s', (strategy) => {
  it('P9: gives an instance that is ten times slower less than a fifth of its share after five seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 20 }), fc.integer({ min: 1, max: 5 }), (count, clients) => {
        const done = simulate(fleet(count), {
          strategy,
          clients,
          perSecond: 50 * count,
          durationMs: 10_000,
          answer: (id) => ({ ms: id === 'i0' ? 200 : 20, kind: 'success' }),
        })
        expect(shareOf(done, 'i0', 5_000)).toBeLessThan(0.2 / count)
      }),
      { numRuns: 15 },
    )
  })
})
