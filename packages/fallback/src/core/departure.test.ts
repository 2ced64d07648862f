import { describe, expect, it } from 'vitest'
import { departureAt } from './departure.js'

describe('a batch', () => {
  it('leaves a window after it was opened', () => {
    expect(departureAt({ windowMs: 10, isFixedRate: false }, 107, 100)).toBe(117)
  })

  it('leaves at the next beat since the first of all, at a fixed rate', () => {
    const leaves = [100, 107, 110].map((now) => departureAt({ windowMs: 10, isFixedRate: true }, now, 100))

    expect(leaves).toEqual([110, 110, 120])
  })

  it('leaves at once without a window, at any rate', () => {
    expect(departureAt({ windowMs: 0, isFixedRate: false }, 107, 100)).toBe(107)
    expect(departureAt({ windowMs: 0, isFixedRate: true }, 107, 100)).toBe(107)
  })
})
