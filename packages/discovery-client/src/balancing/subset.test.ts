import { seededRandom } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { StaticSource } from '../sources/static-source.js'
import { createBalancer } from './balancer.js'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import { hashText } from './core/hash.js'
import { Host } from './core/host.js'
import { subsetOf } from './core/subset.js'
import { used } from './ejection.model.js'

describe('a subset', () => {
  const of = (clientId: string, count: number, size = 5): string[] =>
    used(lab(fleet(count), { strategy: 'roundRobin', subset: { size, clientId } }), 50)

  test('is of its size, the same for the same client, and another for another one', () => {
    const clients = Array.from({ length: 200 }, (_, index) => of(`client ${String(index)}`, 30))
    const load = new Map<string, number>()
    for (const id of clients.flat()) load.set(id, (load.get(id) ?? 0) + 1)

    expect(clients.every((ids) => ids.length === 5)).toBe(true)
    expect(of('client 7', 30)).toEqual(clients[7])
    expect(new Set(clients.map(String)).size).toBeGreaterThan(190)
    // 200 clients with 5 of 30: each has 33 on average.
    expect(load.size).toBe(30)
    expect(Math.max(...load.values())).toBeLessThan(33 + 5 * Math.sqrt(33))
  })

  test('changes by one instance at most when one comes or goes, whatever the order of the list', () => {
    const ids = Array.from({ length: 20 }, (_, index) => index)
    for (let client = 0; client < 20; client++) {
      const options = { strategy: 'roundRobin', subset: { size: 6, clientId: String(client) } } as const
      const world = lab(fleet(20), options)
      const before = used(world)
      for (const gone of ids) {
        world.source.publish(
          fleet(20)
            .reverse()
            .filter(({ id }) => id !== `i${String(gone)}`),
        )
        const after = used(world)
        expect(after.filter((id) => !before.includes(id)).length).toBe(
          before.includes(`i${String(gone)}`) ? 1 : 0,
        )
      }
    }
  })

  test('is all there is of a short list, and drawn by chance for a client without a name', () => {
    const drawn = (seed: number): string =>
      String(
        used(lab(fleet(30), { strategy: 'roundRobin', subset: { size: 3 }, random: seededRandom(seed) }), 30),
      )

    expect(of('x', 4)).toEqual(['i0', 'i1', 'i2', 'i3'])
    expect(new Set([1, 2, 3, 4, 5].map(drawn)).size).toBeGreaterThan(3)
    expect(drawn(1)).toBe(drawn(1))
  })

  test('is where ejection looks', () => {
    const world = lab(fleet(30), { strategy: 'roundRobin', subset: { size: 2, clientId: 'x' } })
    const [first, second] = used(world)
    for (let count = 0; count < 5; count++) world.balancer.pick({ exclude: [second!] }).done('failure')

    expect(used(world)).toEqual([second])
    expect(world.balancer.pick().why.exclusions).toContainEqual({
      id: first,
      reason: 'ejected',
      detector: 'consecutiveFailures',
    })
  })
})

test('a subset of hosts with equal hashes does not depend on the order of the list', () => {
  const same = ['h84337', 'h1340180'] as const
  expect(hashText(same[0])).toBe(hashText(same[1]))
  const hosts = fleet(2, (index) => ({ id: same[index]! })).map((instance) => new Host(instance))
  const chosen = [hosts, hosts.toReversed()].map((list) =>
    subsetOf(list, { size: 1, client: 0 }, { index: 0, count: 1 }).map(({ id }) => id),
  )

  expect(chosen).toEqual([['h1340180'], ['h1340180']])
})

describe('a subset of clients that know their peers', () => {
  const of = (index: number, count: number, hosts: number, size: number): string[] =>
    used(lab(fleet(hosts), { strategy: 'roundRobin', subset: { size, peers: { index, count } } }), hosts)

  test.each([
    [10, 30, 3],
    [7, 20, 5],
    [100, 12, 5],
    [3, 50, 20],
  ])(
    'of %i clients and %i instances, %i each: no instance has two clients more than another',
    (count, hosts, size) => {
      const load = new Map(fleet(hosts).map(({ id }) => [id, 0]))
      for (let index = 0; index < count; index++) {
        const ids = of(index, count, hosts, size)
        expect(ids).toHaveLength(size)
        for (const id of ids) load.set(id, load.get(id)! + 1)
      }

      expect(Math.max(...load.values()) - Math.min(...load.values())).toBeLessThanOrEqual(1)
    },
  )

  test('changes by two instances at most when one comes or goes', () => {
    for (let index = 0; index < 10; index++) {
      const options = { strategy: 'roundRobin', subset: { size: 6, peers: { index, count: 10 } } } as const
      const world = lab(fleet(20), options)
      const before = used(world)
      for (let gone = 0; gone < 20; gone++) {
        world.source.publish(fleet(20).filter(({ id }) => id !== `i${String(gone)}`))
        expect(used(world).filter((id) => !before.includes(id)).length).toBeLessThanOrEqual(2)
      }
    }
  })

  test('goes by the instances of its own service, and by hashes while it is not among them', () => {
    const edge = (count: number): object[] =>
      Array.from({ length: count }, (_, index) => ({
        id: `e${String(index)}`,
        host: '10.1.0.1',
        port: 1 + index,
      }))
    const source = new StaticSource({ users: fleet(20), edge: edge(0) as never })
    const subset = { size: 5, clientId: 'e3', peers: 'edge' }
    const balancer = createBalancer({ source, service: 'users', strategy: 'roundRobin', subset })
    const ids = (): string[] => used({ balancer } as Lab, 20)
    const alone = ids()
    source.set({ users: fleet(20), edge: edge(10) as never })
    const among = ids()
    const withoutFirst = edge(10).map((entry, index) => (index === 0 ? { ...entry, status: 'DOWN' } : entry))
    source.set({ users: fleet(20), edge: withoutFirst as never })
    const fewer = ids()
    // Each client may know them in another order.
    source.set({ users: fleet(20), edge: withoutFirst.toReversed() as never })
    const inAnotherOrder = ids()
    balancer.dispose()
    source.set({ users: fleet(20), edge: [] })
    const afterTheEnd = ids()

    expect(alone).toEqual(
      used(lab(fleet(20), { strategy: 'roundRobin', subset: { size: 5, clientId: 'e3' } })),
    )
    expect(among).toEqual(of(3, 10, 20, 5))
    expect([fewer, inAnotherOrder, afterTheEnd]).toEqual([0, 1, 2].map(() => of(2, 9, 20, 5)))
  })
})
