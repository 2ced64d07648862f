import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALL, fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { Strategy } from './core/strategy.js'

const zoneOf = (index: number): string => (index < 4 ? 'a' : 'b')
const zones = ({ balancer }: Lab, picks = 60): Set<string | undefined> =>
  new Set(
    Array.from({ length: picks }, (_, index) => {
      using pick = balancer.pick({ key: `k${String(index)}` })
      if (pick.instance.zone === 'b') expect(pick.why.stayed).toBe(false)
      return pick.instance.zone
    }),
  )

/** Makes an instance rest: three failures in a row. */
function fail({ balancer }: Lab, id: string): void {
  const exclude = balancer.snapshot().instances.flatMap((instance) => (instance.id === id ? [] : instance.id))
  for (let index = 0; index < 3; index++) balancer.pick({ exclude }).done('failure')
}

describe('the own zone', () => {
  it('P7: takes all calls while enough of its instances are there and in service, and not a moment longer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ALL.filter((name) => name !== 'primaryBackup')),
        fc.subarray([0, 1, 2, 3]),
        fc.subarray([0, 1, 2, 3]),
        fc.record({
          minAvailable: fc.integer({ min: 1, max: 4 }),
          maxRestingPercent: fc.constantFrom(25, 50, 80, 100),
        }),
        async (strategy, gone, resting, limits) => {
          const world = lab(
            fleet(8, (index) => ({ zone: zoneOf(index) })).filter((_, index) => !gone.includes(index)),
            {
              strategy,
              zone: { own: 'a', ...limits },
            },
          )
          const failed = resting.filter((index) => !gone.includes(index))
          for (const index of failed) fail(world, `i${String(index)}`)
          await world.clock.advance(200)
          const known = 4 - gone.length
          const stays =
            known - failed.length >= limits.minAvailable &&
            failed.length * 100 < limits.maxRestingPercent * known

          const used = zones(world)

          expect(used.has('b')).toBe(!stays)
          expect(world.balancer.pick().why.stayed).toBe(stays)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is used again once its instances are back', async () => {
    const world = lab(
      fleet(8, (index) => ({ zone: zoneOf(index) })),
      { strategy: 'random', zone: { own: 'a' } },
    )
    for (const id of ['i0', 'i1', 'i2']) fail(world, id)
    await world.clock.advance(200)
    const during = zones(world)
    await world.clock.advance(10_000)

    expect([during, zones(world)]).toEqual([new Set(['a', 'b']), new Set(['a'])])
  })

  it('is for when there is no other where nobody in it weighs anything', () => {
    const weights = (near: number, far: number): Lab =>
      lab(
        fleet(8, (index) => ({ zone: zoneOf(index), weight: index < 4 ? near : far })),
        { zone: { own: 'a' } },
      )

    expect(zones(weights(0, 1))).toEqual(new Set(['b']))
    expect(zones(weights(0, 0))).toEqual(new Set(['a']))
  })

  it('is left for a retry when all of it has been tried', () => {
    const { balancer } = lab(
      fleet(8, (index) => ({ zone: zoneOf(index) })),
      { zone: { own: 'a' } },
    )

    const pick = balancer.pick({ exclude: ['i0', 'i1', 'i2', 'i3'] })

    expect([pick.instance.zone, pick.why.stayed, pick.why.relaxed]).toEqual(['b', false, false])
  })

  it('that nobody is in changes nothing', () => {
    const { balancer } = lab(fleet(2), { zone: { own: 'elsewhere' } })

    expect(balancer.pick().why).toMatchObject({ stayed: false, eligible: 2 })
  })

  it('holds for strategies of users too', () => {
    const last: Strategy = { name: 'last', picker: (all) => ({ pick: () => all.at(-1) }) }
    const { balancer } = lab(
      fleet(8, (index) => ({ zone: zoneOf(index) })),
      { strategy: last, zone: { own: 'a' } },
    )

    expect(balancer.pick().instance.id).toBe('i3')
  })
})
