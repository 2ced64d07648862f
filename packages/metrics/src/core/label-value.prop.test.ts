import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelValue, MAX_LABEL_LENGTH } from './label-value.js'

const anyString = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300, size: 'max' }),
  // Lone surrogates, which have no encoding of their own.
  fc
    .array(fc.integer({ min: 0xd700, max: 0xe000 }), { maxLength: 140 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom('__other__', '__proto__', ''),
)
/** Names that differ late or little, or look like what comes out. */
const kin = anyString.chain((name) =>
  fc.tuple(
    fc.constant(name),
    fc.oneof(
      fc.constantFrom(`${name}\ufffd`, `${name}\ud800`, `${name}\udc00`, `${name} `, labelValue(name)),
      anyString.map((end) => name.padEnd(MAX_LABEL_LENGTH, 'x') + end),
      anyString,
    ),
  ),
)

test('X5: two names never become one label value', () => {
  fc.assert(
    fc.property(kin, ([one, other]) => {
      fc.pre(one !== other)
      expect(labelValue(one)).not.toBe(labelValue(other))
    }),
    { numRuns: 2_000 },
  )
})

test('S8: a label value is short and survives its encoding in UTF-8', () => {
  fc.assert(
    fc.property(anyString, (name) => {
      const value = labelValue(name)

      expect(value.length).toBeLessThanOrEqual(MAX_LABEL_LENGTH)
      expect(Buffer.from(value, 'utf8').toString('utf8')).toBe(value)
    }),
    { numRuns: 1_000 },
  )
})
