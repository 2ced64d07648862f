import { NoInstancesError } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Instance } from '../instance.js'
import type { BalancerOptions } from './balancer-options.js'
import { ALL, fleet, lab } from './balancing.model.js'
import type { Pick } from './pick.js'

const KINDS: OutcomeKind[] = ['success', 'failure', 'failure', 'timeout', 'cancelled']
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(some, { nil: undefined })

/** Any of the options that say who may be used, together. */
const options: fc.Arbitrary<Partial<BalancerOptions>> = fc.record({
  strategy: fc.constantFrom(...ALL.filter((name) => name !== 'maglev')),
  filter: maybe(fc.constant({ tier: 'good' })),
  subset: maybe(
    fc.record({ size: fc.integer({ min: 1, max: 6 }), peers: maybe(fc.constant({ index: 1, count: 3 })) }),
  ),
  route: maybe(
    fc.record({ match: fc.constant({ version: 'next' }), sharePercent: fc.integer({ max: 100, min: 0 }) }),
  ),
  priority: maybe(fc.constant({})),
  zone: maybe(
    fc.record({
      own: fc.constant('a'),
      minAvailable: fc.constantFrom(1, 2),
      minInstances: fc.constantFrom(1, 6),
      clients: maybe(fc.record({ a: fc.nat(5), b: fc.nat(5) })),
    }),
  ),
  slowStart: maybe(fc.constant({})),
  probation: maybe(fc.constant({})),
  panic: fc.constantFrom(false as const, undefined),
  ejection: fc.record({
    consecutiveFailures: fc.constantFrom(1, 5),
    maxEjectedPercent: fc.constantFrom(50, 100),
  }),
})

const instances = fc.array(
  fc.record({
    tier: fc.constantFrom('good', 'good', 'bad'),
    version: fc.constantFrom('next', 'now', 'now'),
    priority: fc.constantFrom('0', '0', '1', 'none'),
    zone: fc.constantFrom('a', 'b', undefined),
    status: fc.constantFrom('UP' as const, 'UP' as const, 'DOWN' as const),
  }),
  { maxLength: 8 },
)
const rounds = fc.array(
  fc.record({
    list: instances,
    calls: fc.array(
      fc.record({
        key: maybe(fc.nat(5)),
        exclude: fc.subarray([0, 1, 2, 3]),
        kind: fc.constantFrom(...KINDS),
      }),
      { maxLength: 12 },
    ),
    waitMs: fc.constantFrom(0, 5_000, 30_000),
  }),
  { maxLength: 6 },
)

const listOf = (entries: readonly { tier: string; version: string; priority: string }[]): Instance[] =>
  fleet(entries.length, (index) => {
    const { tier, version, priority, ...more } = entries[index]!
    return { ...more, metadata: { tier, version, priority } }
  })

it('P1: whatever decides who may be used together, a pick is one of them, and there is one when there can be', async () => {
  await fc.assert(
    fc.asyncProperty(options, rounds, async (given, all) => {
      const { balancer, source, clock } = lab([], given)
      const isMeant = ({ status, metadata }: Instance): boolean =>
        status === 'UP' && (given.filter === undefined || metadata['tier'] === 'good')
      for (const { list, calls, waitMs } of all) {
        const present = listOf(list)
        source.publish(present)
        for (const { key, exclude, kind } of calls) {
          const pick = pickFrom(() =>
            balancer.pick({
              key: key === undefined ? key : String(key),
              exclude: exclude.map((id) => `i${String(id)}`),
            }),
          )
          if (pick === undefined) {
            expect(present.filter(isMeant)).toEqual([])
            continue
          }
          const { why, instance } = pick
          expect(isMeant(instance)).toBe(true)
          if (given.probation === undefined) expect(present).toContain(instance)
          expect(why.exclusions.map(({ id }) => id)).not.toContain(instance.id)
          expect(why.eligible).toBeGreaterThan(0)
          expect(why.relaxed).toBe(why.excluded.includes(instance.id))
          pick.done(kind, 10)
        }
        await clock.advance(waitMs)
      }
      expect(balancer.snapshot().instances.filter(({ inFlight }) => inFlight !== 0)).toEqual([])
    }),
    { numRuns: 200 },
  )
})

function pickFrom(pick: () => Pick): Pick | undefined {
  try {
    return pick()
  } catch (error) {
    expect(error).toBeInstanceOf(NoInstancesError)
    return undefined
  }
}
