import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reaches } from './trip-rule.js'

const counts = fc
  .integer({ min: 1, max: 1_000_000 })
  .chain((total) => fc.record({ total: fc.constant(total), part: fc.integer({ min: 0, max: total }) }))

/** A percentage with up to three decimals, as thousandths of a percent. */
const thousandths = fc.integer({ min: 1, max: 100_000 })

describe('reaches, compared with whole numbers of any size', () => {
  it('B7: agrees for whole percentages', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 100 }), fc.nat(2), ({ part, total }, percent, over) => {
        const volume = total - 1 + over
        const expected = total >= volume && BigInt(part) * 100n >= BigInt(percent) * BigInt(total)

        expect(reaches(part, total, { percent, volume })).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  it('B7: agrees for percentages with decimals, also where a share is met exactly', () => {
    const exact = fc
      .record({ share: thousandths, scale: fc.integer({ min: 1, max: 10 }) })
      .map(({ share, scale }) => ({ part: share * scale, total: 100_000 * scale, share }))
    const any = fc
      .record({ counted: counts, share: thousandths })
      .map(({ counted, share }) => ({ ...counted, share }))
    fc.assert(
      fc.property(fc.oneof(exact, any), fc.constantFrom(-1, 0, 1), ({ part, total, share }, near) => {
        const seen = Math.max(0, part + near)
        const expected = BigInt(seen) * 100_000n >= BigInt(share) * BigInt(total)

        expect(reaches(seen, total, { percent: share / 1_000, volume: 1 })).toBe(expected)
      }),
      { numRuns: 2_000 },
    )
  })
})
