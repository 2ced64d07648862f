import type { Random } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { corruptBytes } from './corrupt.js'
import { Shaper } from './shaper.js'

/** Chance that comes out as told, in turn. */
function chance(...numbers: readonly number[]): Random {
  let next = 0
  return { next: () => numbers[next++ % numbers.length]! }
}

describe('a chunk', () => {
  it('goes on in slices that are as large as they may be, at the rate of the line', () => {
    const shaper = new Shaper(chance(0))
    const settings = { bytesPerSecond: 1_000, slice: { bytes: 5, everyMs: 1 } }

    expect(shaper.shape(10, 100, settings)).toEqual([
      { start: 0, end: 5, at: 105 },
      { start: 5, end: 10, at: 110 },
    ])
    expect(shaper.shape(6, 110, settings)).toEqual([
      { start: 0, end: 5, at: 115 },
      { start: 5, end: 6, at: 116 },
    ])
  })

  it('has slices no closer than told, the first of the next chunk among them', () => {
    const shaper = new Shaper(chance(0))
    const settings = { slice: { bytes: 4, everyMs: 30 } }

    expect(shaper.shape(8, 100, settings).map(({ at }) => at)).toEqual([100, 130])
    expect(shaper.shape(4, 131, settings).map(({ at }) => at)).toEqual([160])
  })

  it('comes later by the latency and a share of the jitter', () => {
    const settings = { latency: { delayMs: 50, jitterMs: 20 } }

    expect(new Shaper(chance(0.5)).shape(1, 100, settings)).toEqual([{ start: 0, end: 1, at: 160 }])
  })
})

describe('the end of a stream', () => {
  it('is as late as all bytes are', () => {
    const shaper = new Shaper(chance(0))

    expect(shaper.end(100, {})).toBe(100)
    expect(shaper.end(100, { latency: { delayMs: 50, jitterMs: 20 } })).toBe(150)
  })

  it('does not overtake what is under way', () => {
    const shaper = new Shaper(chance(1))
    shaper.shape(1, 100, { latency: { delayMs: 50, jitterMs: 20 } })

    expect(shaper.end(100, { latency: { delayMs: 50, jitterMs: 20 } })).toBe(170)
    expect(shaper.end(130, { latency: { delayMs: 50, jitterMs: 20 } })).toBe(180)
  })
})

describe('damage', () => {
  it('changes a byte below the chance, not at it, in any of its eight bits', () => {
    const bytes = Uint8Array.of(0, 0, 0)

    expect(corruptBytes(bytes, 0.5, chance(0.5))).toEqual({ bytes, changed: 0 })
    expect(corruptBytes(bytes, 0.5, chance(0.4, 0, 0.4, 0.99, 0.5))).toEqual({
      bytes: Uint8Array.of(1, 128, 0),
      changed: 2,
    })
  })
})
