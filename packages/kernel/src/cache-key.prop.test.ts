import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { identify } from './cache-key.js'
import type { CacheKey, KeyPart } from './cache-key.js'

const part = fc.oneof(
  fc.constantFrom<KeyPart>('', ',', '1', 'null', 'true', 1, 1n, true, false, null, undefined, 'string 1 a'),
  fc.string({ maxLength: 4 }),
  fc.integer({ min: -3, max: 3 }),
)
const parts = fc.array(part, { maxLength: 3 })

/** What a careless form would take for the same. */
const LOOKALIKES: readonly ((list: readonly KeyPart[]) => CacheKey)[] = [
  (list) => list.map(String),
  (list) => list.map((one) => (typeof one === 'string' ? Number(one) : one)),
  (list) => list.join(','),
  (list) => [list.join(',')],
  (list) =>
    JSON.stringify(list, (_key, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
  (list) => [...list, ''],
  (list) => [list.slice(0, 2).join(''), ...list.slice(2)],
  (list) => String(identify(list)),
]
const pair = fc
  .tuple(parts, fc.constantFrom(...LOOKALIKES))
  .map(([list, disguise]): readonly [CacheKey, CacheKey] => [list, disguise(list)])

/** Equality as the documentation says it. */
function areSame(a: CacheKey, b: CacheKey): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b)
  return a.length === b.length && a.every((entry, at) => Object.is(entry, b[at]))
}

describe('keys', () => {
  it('M3: are the same only when type and value are, part by part', () => {
    fc.assert(
      fc.property(fc.oneof(pair, fc.tuple(fc.oneof(part, parts), part)), ([a, b]) => {
        const both = [a, b].map(identify)
        if (both.includes(undefined))
          expect([a, b].some((one) => one === null || one === undefined)).toBe(true)
        else expect(new Set(both).size === 1).toBe(areSame(a, b))
      }),
      { numRuns: 5_000 },
    )
  })
})
