import { seededRandom } from '@breakwater/kernel'
import { describe, expect, test } from 'vitest'
import { ALL, fleet, lab, shares } from './balancing.model.js'
import type { Balancer } from './balancer.js'

const fail = (balancer: Balancer, times: number): void => {
  for (let index = 0; index < times; index++) balancer.pick().done('failure')
}
const next = (balancer: Balancer, exclude: string[] = []): string => {
  using pick = balancer.pick({ exclude })
  return pick.instance.id
}

describe('primaryBackup', () => {
  test('sends all to the first, and to the second while the first rests', async () => {
    const { balancer, clock } = lab(fleet(3), { strategy: 'primaryBackup' })
    const before = next(balancer)
    fail(balancer, 3)
    const during = next(balancer)
    fail(balancer, 3)
    const both = next(balancer)
    await clock.advance(10_000)

    expect([before, during, both, next(balancer)]).toEqual(['i0', 'i1', 'i2', 'i0'])
  })

  test('goes by the priorities in the metadata, in turns within one', () => {
    const priorities = ['2', '1', '1', 'high']
    const { balancer } = lab(
      fleet(4, (index) => ({ metadata: { priority: priorities[index]! } })),
      { strategy: 'primaryBackup' },
    )

    expect(shares(balancer, 100)).toEqual(
      new Map([
        ['i1', 50],
        ['i2', 50],
      ]),
    )
    expect(next(balancer, ['i1', 'i2'])).toBe('i0')
    expect(next(balancer, ['i0', 'i1', 'i2'])).toBe('i3')
  })

  test('tries the first again when all rest', () => {
    const { balancer } = lab(fleet(2), { strategy: 'primaryBackup' })
    fail(balancer, 6)

    expect(next(balancer)).toBe('i0')
  })
})

describe('two choices', () => {
  test.each(['adaptive', 'leastRequest', 'peakEwma'] as const)(
    '%s takes the less busy one of two',
    (strategy) => {
      const { balancer } = lab(fleet(2), { strategy })
      for (const exclude of ['i0', 'i1']) balancer.pick({ exclude: [exclude] }).done('success', 10)
      const busy = balancer.pick()

      expect(Array.from({ length: 20 }, () => next(balancer))).not.toContain(busy.instance.id)
    },
  )

  test('leave a heavy instance that is far worse, though both draws bring it', () => {
    const { balancer } = lab(
      fleet(2, (index) => ({ weight: index === 0 ? 9 : 1 })),
      { strategy: 'adaptive' },
    )
    balancer.pick({ exclude: ['i1'] }).done('success', 500)
    balancer.pick({ exclude: ['i0'] }).done('success', 10)

    expect(shares(balancer, 100)).toEqual(new Map([['i1', 100]]))
  })

  test('balance calls in flight in proportion to weights', () => {
    const { balancer } = lab(
      fleet(10, (index) => ({ weight: index < 5 ? 1 : 3 })),
      { strategy: 'leastRequest' },
    )
    for (let index = 0; index < 2_000; index++) balancer.pick()
    const busy = balancer.snapshot().instances.map(({ inFlight }) => inFlight)

    for (const [index, count] of busy.entries())
      expect(Math.abs(count - (index < 5 ? 100 : 300))).toBeLessThan(15)
  })
})

test('bestAvailable takes the least busy of all, and none that rests while there is another', () => {
  const { balancer } = lab(fleet(3), { strategy: 'bestAvailable' })
  const ids = [next(balancer), ...[1, 2, 3].map(() => balancer.pick().instance.id)].slice(1)
  for (let index = 0; index < 3; index++) balancer.pick({ exclude: ['i1', 'i2'] }).done('failure')

  expect(ids.sort()).toEqual(['i0', 'i1', 'i2'])
  expect(new Set(Array.from({ length: 30 }, () => next(balancer)))).toEqual(new Set(['i1', 'i2']))
})

test('round robin goes on where it stood when the list changes', () => {
  const { balancer, source } = lab(fleet(4), { strategy: 'roundRobin' })
  const first = Number(next(balancer).slice(1))

  const others = ['1', '2', '3', '4', '5', '6'].map((v) => {
    source.publish(fleet(4, () => ({ metadata: { v } })))
    return Number(next(balancer).slice(1))
  })

  expect(others).toEqual([1, 2, 3, 4, 5, 6].map((step) => (first + step) % 4))
})

test('round robin starts somewhere, so that clients do not march in step', () => {
  const starts = new Set(
    Array.from({ length: 40 }, (_, client) =>
      next(lab(fleet(8), { strategy: 'roundRobin', random: seededRandom(client) }).balancer),
    ),
  )

  expect(starts.size).toBeGreaterThan(1)
})

test.each(ALL)('%s keeps what it knows while the list flaps a thousand times', (strategy) => {
  const { balancer, source } = lab(fleet(6), { strategy })
  for (let flap = 0; flap < 1_000; flap++) {
    source.publish(fleet(6).filter((_, index) => index !== flap % 6))
    const pick = balancer.pick()
    expect(pick.instance.id).not.toBe(`i${String(flap % 6)}`)
    pick.done('success', 5)
  }
  source.publish(fleet(6))

  const { instances } = balancer.snapshot()

  expect(instances.reduce((sum, { successes }) => sum + successes, 0)).toBe(1_000)
  expect(instances.every(({ inFlight }) => inFlight === 0)).toBe(true)
})
