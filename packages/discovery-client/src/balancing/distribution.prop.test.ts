import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ALL, chiSquare, chiSquareLimit, fleet, HASHING, lab, shares } from './balancing.model.js'

const weightLists = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 900, max: 1_100 })), {
    minLength: 1,
    maxLength: 12,
  })
  .filter((weights) => weights.some((weight) => weight > 0))

/** Strategies that share out by weight, while all answer alike. */
const BY_WEIGHT = ['weighted', 'adaptive', 'leastRequest', 'peakEwma', 'rendezvous'] as const

it('P2: round robin chooses all equally often over full cycles, also after the list has changed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(400),
      (before, count, picks) => {
        const { balancer, source } = lab(fleet(before), { strategy: 'roundRobin' })
        shares(balancer, 7)
        source.publish(fleet(count))

        const counts = [...shares(balancer, picks).values()]

        const least = picks < count ? 0 : Math.min(...counts)
        expect(Math.max(0, ...counts) - least).toBeLessThanOrEqual(1)
      },
    ),
  )
})

describe.each(BY_WEIGHT)('%s', (strategy) => {
  it('P3: shares out by weight, and gives nothing to what weighs nothing unless all do', () => {
    const picks = 100_000
    fc.assert(
      fc.property(weightLists, (weights) => {
        const { balancer } = lab(
          fleet(weights.length, (index) => ({ weight: weights[index]! })),
          { strategy },
        )
        const sum = weights.reduce((total, weight) => total + weight, 0)

        const counts = shares(balancer, picks)

        weights.forEach((weight, index) => {
          const share = weight / sum
          const tolerance = 0.01 * share + 3 * Math.sqrt((share * (1 - share)) / picks) + 2 / picks
          const found = (counts.get(`i${String(index)}`) ?? 0) / picks
          // Thousands of comparisons with 3 σ: a few lie beyond it by chance, none beyond twice that.
          if (weight === 0) expect(found).toBe(0)
          else
            expect(Math.abs(found - share)).toBeLessThan(strategy === 'weighted' ? tolerance : 2 * tolerance)
        })
      }),
      { numRuns: strategy === 'weighted' ? 10 : 4, seed: 7 },
    )
  })
})

it.each(BY_WEIGHT)('P3: %s treats all alike when none weighs anything', (strategy) => {
  const { balancer } = lab(
    fleet(4, () => ({ weight: 0 })),
    { strategy },
  )

  const counts = [...shares(balancer, 8_000).values()]

  expect(counts).toHaveLength(4)
  expect(
    chiSquare(
      counts,
      counts.map(() => 2_000),
    ),
  ).toBeLessThan(chiSquareLimit(3))
})

it('P4: two choices are two distinct instances, and every pair is as likely as the other', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 9 }), (count) => {
      const { balancer } = lab(fleet(count), { strategy: 'leastRequest' })
      const pairs = new Map<string, number>()
      const each = 300
      const kinds = count * (count - 1)

      for (let index = 0; index < kinds * each; index++) {
        const pick = balancer.pick()
        const pair = pick.why.candidates.map(({ id }) => id).join()
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
        pick.done('ignored')
      }

      const distinct = [...pairs.keys()].filter((pair) => new Set(pair.split(',')).size === 2)
      expect(distinct).toHaveLength(kinds)
      const counts = Array.from({ length: kinds }, (_, index) => [...pairs.values()][index] ?? 0)
      expect(
        chiSquare(
          counts,
          counts.map(() => each),
        ),
      ).toBeLessThan(chiSquareLimit(kinds))
    }),
    { numRuns: 8, seed: 4 },
  )
})

const EVEN = ALL.filter((name) => !HASHING.includes(name) && name !== 'primaryBackup')

it.each(EVEN)('%s gives each of many idle, equal instances the same share', (strategy) => {
  const { balancer } = lab(fleet(20), { strategy })

  const counts = [...shares(balancer, 20_000).values()]

  expect(counts).toHaveLength(20)
  expect(
    chiSquare(
      counts,
      counts.map(() => 1_000),
    ),
  ).toBeLessThan(chiSquareLimit(19))
})

it.each(EVEN)('%s spreads the share of an excluded instance over all others', (strategy) => {
  const { balancer } = lab(fleet(6), { strategy })
  const counts = new Map<string, number>()

  for (let index = 0; index < 10_000; index++) {
    const pick = balancer.pick({ exclude: ['i0'] })
    counts.set(pick.instance.id, (counts.get(pick.instance.id) ?? 0) + 1)
    pick.done('ignored')
  }

  const found = [1, 2, 3, 4, 5].map((index) => counts.get(`i${String(index)}`) ?? 0)
  expect(
    chiSquare(
      found,
      found.map(() => 2_000),
    ),
  ).toBeLessThan(chiSquareLimit(4))
})
