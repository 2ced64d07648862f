import { describe, expect, test } from 'vitest'
import { StaticSource } from '../sources/static-source.js'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import { end } from './ejection.model.js'
import { zoneShares } from './core/zone-shares.js'

const counts = (zones: Record<string, number>): Map<string, number> => new Map(Object.entries(zones))

describe('shares of zones', () => {
  test.each<[Record<string, number>, Record<string, number>, number, Record<string, number>]>([
    [{ a: 3, b: 3 }, { a: 5, b: 5 }, 1, {}],
    [{ a: 1, b: 2, c: 1 }, { a: 1, b: 1, c: 2 }, 1, {}],
    [{ a: 2, b: 4 }, { a: 5, b: 5 }, 2 / 3, { b: 1 / 3 }],
    [{ a: 4, b: 2 }, { a: 5, b: 5 }, 1, {}],
    [{ a: 1, b: 2, c: 3 }, { a: 1, b: 1, c: 1 }, 0.5, { c: 0.5 }],
    [{ a: 2, b: 5, c: 3 }, { a: 4, b: 4, c: 2 }, 0.5, { b: 0.25, c: 0.25 }],
    [{ a: 5, b: 5 }, { a: 1 }, 0.5, { b: 0.5 }],
  ])('hosts %o, clients %o: %f stay', (hosts, clients, own, others) => {
    const shares = zoneShares('a', counts(hosts), counts(clients))!

    const [stays, ...spilled] = shares.shares
    expect([shares.zones[0], stays!.toFixed(9)]).toEqual(['a', own.toFixed(9)])
    const parts = spilled.map((share, index) => [shares.zones[index + 1]!, share.toFixed(9)])
    const expected = Object.entries(others).map(([zone, share]) => [zone, share.toFixed(9)])
    expect(parts).toEqual(expected)
  })

  test('are unknown without hosts or clients of the own zone', () => {
    expect(zoneShares('a', counts({ b: 3 }), counts({ a: 1 }))).toBeUndefined()
    expect(zoneShares('a', counts({ a: 3 }), counts({ b: 1 }))).toBeUndefined()
    expect(zoneShares('a', counts({}), counts({}))).toBeUndefined()
  })
})

const zoneOf = (index: number): { zone: string } => ({ zone: index < 2 ? 'a' : 'b' })
function nearShare({ balancer }: Lab): number {
  let near = 0
  for (let index = 0; index < 10_000; index++) {
    using pick = balancer.pick()
    if (pick.instance.zone === 'a') near++
  }
  return near / 10_000
}

test('the own zone is left while too few of it are in service, and used again when they are back', async () => {
  const world = lab(
    fleet(8, (index) => ({ zone: index < 3 ? 'a' : 'b' })),
    { strategy: 'random', zone: { own: 'a' } },
  )
  const before = nearShare(world)
  end(world, 'i0', 'failure', 5)
  const one = nearShare(world)
  end(world, 'i7', 'success')
  end(world, 'i1', 'failure', 5)
  const two = nearShare(world)
  await world.clock.advance(12_000)
  for (const id of ['i0', 'i1']) end(world, id, 'success')

  expect([before, one, two.toFixed(1), nearShare(world)]).toEqual([1, 1, '0.2', 1])
})

describe('calls of a zone that has fewer instances than its clients need', () => {
  const zone = { own: 'a', clients: { a: 10, b: 10 } }

  test('stay as far as there is room, so that all instances get the same load', () => {
    const world = lab(fleet(6, zoneOf), { strategy: 'random', zone })
    const { why } = world.balancer.pick()

    expect(nearShare(world)).toBeCloseTo(2 / 3, 1)
    expect(why.zone === 'a').toBe(why.stayed)
    expect(why.exclusions.every(({ reason }) => reason === 'zone')).toBe(true)
  })

  test('go on by the instances that are in service', () => {
    const world = lab(fleet(8, zoneOf), {
      strategy: 'random',
      zone: { ...zone, minAvailable: 1 },
    })
    end(world, 'i0', 'failure', 5)

    expect(nearShare(world)).toBeCloseTo(2 / 7, 1)
  })

  test('all stay among few instances', () => {
    expect(nearShare(lab(fleet(5, zoneOf), { strategy: 'random', zone }))).toBe(1)
  })

  test('are divided by the clients that the source knows', () => {
    const clients = (a: number, b: number): object[] =>
      Array.from({ length: a + b }, (_, index) => ({
        host: '10.1.0.1',
        port: 1 + index,
        zone: index < a ? 'a' : 'b',
      }))
    const source = new StaticSource({ users: fleet(6, zoneOf), edge: clients(5, 5) as never })
    const { balancer } = lab([], { source, strategy: 'random', zone: { own: 'a', clients: 'edge' } })
    const share = (): number => nearShare({ balancer } as Lab)
    const even = share()
    source.set({ users: fleet(6, zoneOf), edge: clients(2, 8) as never })
    const few = share()
    balancer.dispose()

    expect([even.toFixed(1), few]).toEqual(['0.7', 1])
  })

  test('leave the zone in a retry when all of it has been tried', () => {
    const { balancer } = lab(fleet(6, zoneOf), { zone })

    expect(balancer.pick({ exclude: ['i0', 'i1'] }).instance.zone).toBe('b')
  })
})
