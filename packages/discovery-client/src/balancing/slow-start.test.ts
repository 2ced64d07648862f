import { describe, expect, test } from 'vitest'
import type { Instance } from '../instance.js'
import { ALL, fleet, HASHING, lab, shares } from './balancing.model.js'
import { rampOf } from './core/slow-start.js'

const slowStart = { windowMs: 10_000 }
/** The part of its fair share that i0 gets of ten. */
const partOf = (counts: Map<string, number>, picks: number): number => ((counts.get('i0') ?? 0) / picks) * 10

test.each([
  [0, 0.1],
  [2_500, 0.5],
  [100, 0.1],
  [9_999, 0.99995],
  [10_000, 1],
  [Infinity, 1],
  [-5, 0.1],
])('up for %i ms: a part of %f', (upForMs, part) => {
  expect(rampOf({ windowMs: 10_000, aggression: 2, minPercent: 10 }, upForMs)).toBeCloseTo(part, 5)
})

describe('a slow start', () => {
  const strategies = ALL.filter((name) => !HASHING.includes(name) && name !== 'primaryBackup')

  test.each(strategies)(
    '%s: the share of one who comes later grows evenly, and ends where it should',
    async (strategy) => {
      const { balancer, source, clock } = lab(fleet(10).slice(1), { strategy, slowStart })
      shares(balancer, 10)
      source.publish(fleet(10))
      const parts: number[] = []
      for (let step = 0; step < 3; step++) {
        parts.push(partOf(shares(balancer, 10_000), 10_000))
        await clock.advance(5_000)
      }

      expect(parts[0]).toBeCloseTo(0.1, 1)
      expect(Math.abs(parts[1]! - 0.5)).toBeLessThan(0.08)
      expect(Math.abs(parts[2]! - 1)).toBeLessThan(0.15)
    },
  )

  test.each(strategies)('%s: leaves the load to the others when as many come at once', (strategy) => {
    const { balancer, source } = lab(fleet(5), { strategy, slowStart })
    shares(balancer, 10)
    source.publish(fleet(10))
    const counts = shares(balancer, 10_000)
    const callsTo = (ids: readonly number[]): number =>
      ids.reduce((sum, id) => sum + (counts.get(`i${String(id)}`) ?? 0), 0)

    expect(callsTo([5, 6, 7, 8, 9]) / callsTo([0, 1, 2, 3, 4])).toBeCloseTo(0.1, 1)
  })

  test('is not for the first list, nor for those who were there all the time', async () => {
    const { balancer, source, clock } = lab(fleet(10), { strategy: 'random', slowStart })
    const first = partOf(shares(balancer, 10_000), 10_000)
    await clock.advance(1_000)
    source.publish(fleet(10, () => ({ metadata: { v: '2' } })))

    expect(first).toBeCloseTo(1, 0)
    expect(partOf(shares(balancer, 10_000), 10_000)).toBeGreaterThan(0.85)
  })

  test('begins anew for one who was away or not up', () => {
    const { balancer, source } = lab(fleet(10), { strategy: 'random', slowStart })
    shares(balancer, 10)
    source.publish(fleet(10, (index) => ({ status: index === 0 ? 'STARTING' : 'UP' })))
    shares(balancer, 10)
    source.publish(fleet(10))

    expect(partOf(shares(balancer, 10_000), 10_000)).toBeLessThan(0.2)
  })

  test('is not for a whole list that comes back, but for those who come after it', () => {
    const { balancer, source } = lab(fleet(10).slice(1), { strategy: 'random', slowStart })
    for (const list of [[], fleet(10).slice(1), fleet(10)]) {
      source.publish(list)
      balancer.snapshot()
    }

    expect(partOf(shares(balancer, 10_000), 10_000)).toBeLessThan(0.15)
  })

  test.each(['adaptive', 'weighted', 'rendezvous'] as const)(
    '%s: gives nothing to one that weighs nothing in the place of a newcomer',
    (strategy) => {
      const pair = (newcomer: number): Instance[] => [
        ...fleet(1, () => ({ weight: 0 })),
        ...fleet(newcomer + 1).slice(newcomer),
      ]
      const { balancer, source } = lab(pair(1), { strategy, slowStart })
      shares(balancer, 10)
      source.publish(pair(2))

      expect(shares(balancer, 100)).toEqual(new Map([['i2', 100]]))
    },
  )

  test('takes a newcomer all the same when there is nobody else', () => {
    const { balancer, source } = lab(fleet(1), { slowStart })
    balancer.pick()
    source.publish(fleet(2).slice(1))

    expect(shares(balancer, 50)).toEqual(new Map([['i1', 50]]))
    source.publish(fleet(3).slice(1))
    expect(balancer.pick({ exclude: ['i1'] }).instance.id).toBe('i2')
  })
})
