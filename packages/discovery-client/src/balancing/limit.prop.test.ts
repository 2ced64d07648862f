import { BulkheadFullError, onInternalError } from '@breakwater/kernel'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ALL, fleet, lab } from './balancing.model.js'
import type { BalancedInstance } from './balancer-snapshot.js'
import type { Pick } from './pick.js'

// Bad lists are reported, which is not the matter here.
let unsubscribe = (): void => {}
beforeAll(() => {
  unsubscribe = onInternalError(() => {})
})
afterAll(() => {
  unsubscribe()
})

const INSTANCES = 6
const LIMIT = { min: 1, max: 4, initial: 2 }

const kind = fc.constantFrom('success', 'failure', 'timeout', 'rejected', 'cancelled', 'ignored')
const origin = fc.constantFrom(undefined, 'answer', 'gateway', 'local', 'throttled')

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('pick' as const), exclude: fc.subarray([0, 1, 2, 3, 4, 5]) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('done' as const),
        which: fc.nat(),
        kind,
        origin,
        ms: fc.constantFrom(1, 10_000, undefined),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('list' as const),
        ids: fc.subarray([0, 1, 2, 3, 4, 5], { minLength: 1 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 100, 11_000) }),
    },
  ),
  { maxLength: 120, size: 'max' },
)

type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never
type World = ReturnType<typeof lab> & { readonly open: Pick[] }

const hasRoom = ({ inFlight, limit }: BalancedInstance): boolean => inFlight < limit!

async function play(world: World, step: Step): Promise<void> {
  const { balancer, clock, source, open } = world
  if (step.do === 'wait') await clock.advance(step.ms)
  else if (step.do === 'list') source.publish(fleet(INSTANCES).filter((_, index) => step.ids.includes(index)))
  else if (step.do === 'done')
    open.splice(step.which % (open.length || 1), 1)[0]?.done(step.kind, step.ms, step.origin)
  else {
    const exclude = step.exclude.map((id) => `i${String(id)}`)
    const { panic, instances } = balancer.snapshot()
    const inService = instances.filter(({ phase }) => panic || phase === 'serving' || phase === 'due')
    const free = inService.filter(hasRoom).map(({ id }) => id)
    if (free.length === 0) {
      expect(() => balancer.pick({ exclude })).toThrow(BulkheadFullError)
      return
    }
    const pick = balancer.pick({ exclude, key: `k${String(open.length)}` })
    open.push(pick)
    const wanted = free.filter((id) => !exclude.includes(id))
    expect(wanted.length > 0 ? wanted : free).toContain(pick.instance.id)
    const full = pick.why.exclusions.filter(({ reason }) => reason === 'full').map(({ id }) => id)
    expect(full.filter((id) => free.includes(id))).toEqual([])
  }
}

describe.each(ALL)('%s', (strategy) => {
  const runs = strategy === 'maglev' ? 8 : 40

  it('P5: has no more calls in flight than a limit lets it, refuses only when all are full, and gets every slot back', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const world: World = { ...lab(fleet(INSTANCES), { strategy, limit: LIMIT }), open: [] }
        for (const step of list) {
          await play(world, step)
          for (const { limit, full, inFlight } of world.balancer.snapshot().instances) {
            expect(limit).toBeGreaterThanOrEqual(LIMIT.min)
            expect(limit).toBeLessThanOrEqual(LIMIT.max)
            expect(full).toBe(inFlight >= limit!)
          }
        }
        for (const pick of world.open) {
          pick.done('cancelled')
          pick[Symbol.dispose]()
        }
        world.source.publish(fleet(INSTANCES))
        const { inFlight, instances } = world.balancer.snapshot()
        expect([inFlight, instances.filter(({ full }) => full)]).toEqual([0, []])
      }),
      { numRuns: runs },
    )
  })
})
