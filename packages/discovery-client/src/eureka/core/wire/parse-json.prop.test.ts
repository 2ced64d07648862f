import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runSteps } from '../steps.js'
import { parseLargeJson } from './parse-json.js'
import { attempt, sliced } from './parse-json.model.js'

/** The text in pieces of these sizes, over and over. */
function piecesOf(text: string, sizes: readonly number[]): () => string | undefined {
  let at = 0
  let count = 0
  return () => {
    if (at >= text.length) return undefined
    const size = Math.max(sizes[count++ % sizes.length] ?? 3, count % 2)
    at += size
    return text.slice(at - size, at)
  }
}

it('agrees with the engine on every value, and on every text that one edit makes of it', () => {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    remove: fc.nat(2),
    insert: fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', ' ', '0', 'e'),
  })
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), edit, (text, { at, remove, insert }) => {
      const from = Math.floor(at * text.length)
      const edited = text.slice(0, from) + insert + text.slice(from + remove)

      expect(sliced(text)).toEqual(JSON.parse(text))
      expect(attempt(sliced, edited)).toEqual(attempt(JSON.parse, edited))
    }),
    { numRuns: 1_500 },
  )
}, 60_000)

it('reads a text that comes in pieces, of any size, as it reads it whole', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), fc.array(fc.integer({ min: 0, max: 9 })), (text, cuts) => {
      const next = piecesOf(text, cuts)

      expect(runSteps(parseLargeJson(next, { slicedFromChars: 0, maxLeafChars: 1_000 }))).toEqual(
        JSON.parse(text),
      )
    }),
    { numRuns: 1_000 },
  )
}, 60_000)
