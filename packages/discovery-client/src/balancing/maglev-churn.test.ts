/** What a list that changes all the time costs the one strategy whose tables are dear, and what becomes of its keys meanwhile. */
import { expect, test, vi } from 'vitest'
import { fleet, lab } from './balancing.model.js'
import type { Lab } from './balancing.model.js'
import type { Balancer } from './balancer.js'
import * as hashing from './core/hash.js'

vi.mock(import('./core/hash.js'), async (load) => {
  const actual = await load()
  return { ...actual, hashPair: vi.fn(actual.hashPair), hashText: vi.fn(actual.hashText) }
})

const KEYS = Array.from({ length: 1_000 }, (_, index) => `user-${String(index)}`)

const homes = (balancer: Balancer): string[] =>
  KEYS.map((key) => {
    using pick = balancer.pick({ key })
    return pick.instance.id
  })

const without = (...ids: readonly string[]): ReturnType<typeof fleet> =>
  fleet(10).filter(({ id }) => !ids.includes(id))

/** So many changes that the next one gets no table at once. */
function storm({ balancer, source }: Lab): void {
  for (let flap = 0; flap < 20; flap++) {
    source.publish(without(`i${String(flap % 9)}`))
    balancer.pick({ key: 'a' }).done('ignored')
  }
}

/** How many tables were filled: each asks for the hash of each id. */
const tables = (): number => vi.mocked(hashing.hashText).mock.calls.filter(([text]) => text === 'i9').length

test('changes that are few get a table each, at once', () => {
  const { balancer, source } = lab(fleet(10), { strategy: 'maglev' })
  homes(balancer)
  source.publish(without('i3'))

  expect(homes(balancer)).toEqual(homes(lab(without('i3'), { strategy: 'maglev' }).balancer))
})

test.each([
  ['of one after the other', (flap: number) => without(`i${String(flap % 9)}`)],
  ['of all together', (flap: number) => (flap % 2 === 0 ? [] : without(`i${String(flap % 9)}`))],
])('two thousand flaps a second %s get ten tables a second', async (_, listOf) => {
  const { balancer, source, clock } = lab(fleet(10), { strategy: 'maglev' })
  const before = tables()
  for (let flap = 0; flap < 10_000; flap++) {
    const list = listOf(flap)
    source.publish(list)
    if (list.length > 0) balancer.pick({ key: 'a' }).done('ignored')
    else expect(() => balancer.pick()).toThrow('no instance to call')
    if (flap % 2 === 1) await clock.advance(1)
  }

  // Ten at once, and 50 in five seconds.
  expect(tables() - before).toBeLessThanOrEqual(60)
  expect(tables() - before).toBeGreaterThan(50)
})

test('until there is a new table, nobody who has gone is asked, and no keys but theirs move', () => {
  const world = lab(fleet(10), { strategy: 'maglev' })
  storm(world)
  const { balancer, source } = world
  const before = homes(balancer)
  const gone = [...new Set(before)].slice(0, 2)
  source.publish(without(...gone, 'i0', 'i1'))
  const during = homes(balancer)

  for (const id of gone) expect(during).not.toContain(id)
  const away = new Set([...gone, 'i0', 'i1'])
  expect(during.filter((id, index) => !away.has(before[index]!) && id !== before[index])).toEqual([])
})

test('a while after a storm the table is the one that a new process has', async () => {
  const world = lab(fleet(10), { strategy: 'maglev' })
  storm(world)
  world.source.publish(without('i3'))
  const during = homes(world.balancer)
  await world.clock.advance(100)
  const fresh = homes(lab(without('i3'), { strategy: 'maglev' }).balancer)

  expect(during).not.toEqual(fresh)
  expect(homes(world.balancer)).toEqual(fresh)
})

test('where all are others, calls go to all of them at once, by key and by weight', () => {
  const world = lab(fleet(10), { strategy: 'maglev' })
  storm(world)
  const { balancer, source } = world
  source.publish(fleet(5, (index) => ({ id: `new-${String(index)}`, weight: index === 0 ? 0 : 1 })))
  const found = homes(balancer)

  expect(new Set(found)).toEqual(new Set(['new-1', 'new-2', 'new-3', 'new-4']))
  expect(found.filter((id) => id === 'new-1').length).toBeGreaterThan(180)
  expect(found.filter((id) => id === 'new-1').length).toBeLessThan(320)
  expect(homes(balancer)).toEqual(found)
})

test('a list in another order needs no new table, and other weights do', () => {
  const { balancer, source } = lab(fleet(10), { strategy: 'maglev' })
  const before = homes(balancer)
  const filled = tables()
  source.publish(fleet(10).toReversed())
  const turned = homes(balancer)
  const more = tables() - filled
  source.publish(fleet(10, (index) => ({ weight: index === 0 ? 4 : 1 })))

  expect(turned).toEqual(before)
  expect(more).toBe(0)
  expect(homes(balancer).filter((id) => id === 'i0').length).toBeGreaterThan(230)
})
