import { describe, expect, test } from 'vitest'
import { chiSquare, chiSquareLimit, fleet, HASHING, lab, shares } from './balancing.model.js'
import type { Balancer } from './balancer.js'
import { hashPair, hashText } from './core/hash.js'

const KEYS = Array.from({ length: 2_000 }, (_, index) => `user-${String(index)}`)

const homes = (balancer: Balancer, exclude: string[] = []): string[] =>
  KEYS.map((key) => {
    using pick = balancer.pick({ key, exclude })
    return pick.instance.id
  })

describe.each(HASHING)('%s', (strategy) => {
  test('sends a key to the same instance, in every process and whatever the order of the list', () => {
    const instances = fleet(10)
    const one = homes(lab(instances, { strategy }).balancer)
    const other = homes(lab(instances.toReversed(), { strategy }).balancer)

    expect(other).toEqual(one)
    expect(new Set(one).size).toBe(10)
  })

  test('moves few keys but those of an instance that leaves', () => {
    const { balancer, source } = lab(fleet(10), { strategy })
    const before = homes(balancer)
    source.publish(fleet(10).filter(({ id }) => id !== 'i3'))
    const after = homes(balancer)

    const moved = before.filter((id, index) => id !== 'i3' && id !== after[index])

    // Maglev gives up a little for its exact shares.
    expect(moved.length).toBeLessThanOrEqual(strategy === 'maglev' ? KEYS.length * 0.05 : 0)
    expect(after).not.toContain('i3')
  })

  test('sends the keys of an excluded instance elsewhere, and no others', () => {
    const { balancer } = lab(fleet(10), { strategy })
    const before = homes(balancer)
    const during = homes(balancer, ['i3'])

    expect(during).not.toContain('i3')
    expect(during.filter((id, index) => before[index] !== 'i3' && id !== before[index])).toEqual([])
    expect(new Set(during.filter((_, index) => before[index] === 'i3')).size).toBeGreaterThan(3)
  })

  test('sends calls without a key anywhere', () => {
    const { balancer } = lab(fleet(5), { strategy })
    const ids = Array.from({ length: 1_000 }, () => balancer.pick().instance.id)

    expect(new Set(ids).size).toBe(5)
  })

  test('gives shares near the weights', () => {
    const { balancer } = lab(
      fleet(5, (index) => ({ weight: index === 0 ? 4 : 1 })),
      { strategy },
    )

    expect(shares(balancer, 20_000).get('i0')! / 20_000).toBeGreaterThan(0.42)
    expect(shares(balancer, 20_000).get('i0')! / 20_000).toBeLessThan(0.58)
  })

  test('shares keys out as ever where nothing weighs anything', () => {
    const [none, equal] = [0, 1].map((weight) =>
      homes(
        lab(
          fleet(5, () => ({ weight })),
          { strategy },
        ).balancer,
      ),
    )

    expect(none).toEqual(equal)
  })

  test('gives nothing to what weighs nothing, until there is no other', () => {
    const { balancer } = lab(
      fleet(3, (index) => ({ weight: index === 0 ? 0 : 1 })),
      { strategy },
    )

    expect(new Set(homes(balancer))).toEqual(new Set(['i1', 'i2']))
    expect(new Set(homes(balancer, ['i1', 'i2']))).toEqual(new Set(['i0']))
  })
})

test.each(['ringHash', 'rendezvous'] as const)(
  '%s sends the keys of excluded instances where they would go without these',
  (strategy) => {
    const { balancer } = lab(fleet(3), { strategy })
    const away = ['i0', 'i1', 'i2']

    for (const id of away) {
      const others = lab(
        fleet(3).filter((instance) => instance.id !== id),
        { strategy },
      )
      expect(homes(balancer, [id])).toEqual(homes(others.balancer))
    }
  },
)

test('on a ring a key belongs to the next point, and after the last one to the first', () => {
  const { balancer } = lab(fleet(3), { strategy: 'ringHash' })
  const points = fleet(3)
    .flatMap(({ id }) =>
      Array.from({ length: 160 }, (_, point) => ({ id, at: hashPair(hashText(id), point) })),
    )
    .sort((one, other) => one.at - other.at)
  const keys = Array.from({ length: 10_000 }, (_, index) => `user-${String(index)}`)
  const beyond = keys.filter((key) => hashText(key) > points.at(-1)!.at)
  const wrong = keys.filter((key) => {
    const point = points.find(({ at }) => at >= hashText(key)) ?? points[0]!
    return balancer.pick({ key }).instance.id !== point.id
  })

  expect(beyond.length).toBeGreaterThan(0)
  expect(points[0]!.id).not.toBe(points.at(-1)!.id)
  expect(wrong).toEqual([])
})

test('these keys have had these homes since the first release', () => {
  const home = (strategy: (typeof HASHING)[number], key: string): string =>
    lab(fleet(10), { strategy }).balancer.pick({ key }).instance.id

  const found = Object.fromEntries(
    HASHING.map((name) => [name, ['', 'a', 'ü', 'user-1'].map((key) => home(name, key))]),
  )

  expect(found).toMatchInlineSnapshot(`
    {
      "maglev": [
        "i5",
        "i6",
        "i3",
        "i6",
      ],
      "rendezvous": [
        "i5",
        "i1",
        "i1",
        "i7",
      ],
      "ringHash": [
        "i8",
        "i2",
        "i1",
        "i4",
      ],
    }
  `)
})

test('nor do homes change where weights differ, or where most are excluded', () => {
  const list = fleet(40, (index) => ({ weight: index % 5 }))
  const away = list.slice(3).map(({ id }) => id)
  const found = HASHING.map((strategy) => {
    const { balancer } = lab(list, { strategy })
    return hashText([...homes(balancer), ...homes(balancer, away)].join(' '))
  })

  expect(found).toMatchInlineSnapshot(`
    [
      1904445704,
      1418640987,
      231066898,
    ]
  `)
})

test.each(['maglev', 'rendezvous'] as const)('%s shares keys out evenly', (strategy) => {
  const { balancer } = lab(fleet(10), { strategy })
  const counts = [...shares(balancer, 20_000).values()]

  expect(
    chiSquare(
      counts,
      counts.map(() => 2_000),
    ),
  ).toBeLessThan(chiSquareLimit(9))
})
