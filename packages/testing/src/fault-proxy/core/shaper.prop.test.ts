import { seededRandom } from '@breakwater/kernel'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { corruptBytes } from './corrupt.js'
import { Shaper } from './shaper.js'
import type { Piece, ShapeSettings } from './shaper.js'

const settings: fc.Arbitrary<ShapeSettings> = fc.record({
  latency: fc.option(fc.record({ delayMs: fc.nat(500), jitterMs: fc.nat(500) }), { nil: undefined }),
  bytesPerSecond: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
  slice: fc.option(fc.record({ bytes: fc.integer({ min: 1, max: 50 }), everyMs: fc.nat(100) }), {
    nil: undefined,
  }),
})
const chunks = fc.array(
  fc.record({ length: fc.integer({ min: 1, max: 200 }), gapMs: fc.nat(300), settings }),
  {
    minLength: 1,
    maxLength: 20,
  },
)

interface Shaped {
  readonly now: number
  readonly settings: ShapeSettings
  readonly length: number
  readonly pieces: readonly Piece[]
}

function shapeAll(given: readonly { length: number; gapMs: number; settings: ShapeSettings }[]): Shaped[] {
  const shaper = new Shaper(seededRandom(1))
  let now = 0
  return given.map(({ length, gapMs, settings }) => {
    now += gapMs
    return { now, settings, length, pieces: shaper.shape(length, now, settings) }
  })
}

describe('a shaped direction', () => {
  it('keeps every byte once and in order, whatever changes meanwhile', () => {
    fc.assert(
      fc.property(chunks, (given) => {
        let lastAt = -Infinity
        for (const { length, pieces } of shapeAll(given)) {
          expect(pieces.at(0)?.start).toBe(0)
          expect(pieces.at(-1)?.end).toBe(length)
          pieces.slice(1).forEach(({ start }, index) => {
            expect(start).toBe(pieces[index]?.end)
          })
          for (const { at } of pieces) {
            expect(at).toBeGreaterThanOrEqual(lastAt)
            lastAt = at
          }
        }
      }),
    )
  })

  it('lets nothing pass before its latency, nor in larger pieces than it may', () => {
    fc.assert(
      fc.property(chunks, (given) => {
        for (const { now, settings, pieces } of shapeAll(given)) {
          for (const { start, end, at } of pieces) {
            expect(at).toBeGreaterThanOrEqual(now + (settings.latency?.delayMs ?? 0))
            expect(end - start).toBeLessThanOrEqual(settings.slice?.bytes ?? Infinity)
          }
        }
      }),
    )
  })

  it('never passes more than its rate', () => {
    const rate = fc.integer({ min: 1, max: 1_000 })
    fc.assert(
      fc.property(
        rate,
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 }),
        (bytesPerSecond, lengths) => {
          const shaper = new Shaper(seededRandom(1))
          let passed = 0
          for (const length of lengths) {
            const [piece] = shaper.shape(length, 0, { bytesPerSecond })
            passed += length
            expect(piece?.at).toBeCloseTo((passed / bytesPerSecond) * 1_000, 3)
          }
        },
      ),
    )
  })
})

it('damage changes single bits, and says how many bytes', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (bytes, chance) => {
        const damaged = corruptBytes(bytes, chance, seededRandom('damage'))

        const differences = [...bytes]
          .map((byte, index) => byte ^ (damaged.bytes[index] ?? 0))
          .filter((bits) => bits !== 0)
        expect(differences).toHaveLength(damaged.changed)
        expect(differences.every((bits) => Number.isInteger(Math.log2(bits)))).toBe(true)
        expect(damaged.bytes).toHaveLength(bytes.length)
      },
    ),
  )
})
