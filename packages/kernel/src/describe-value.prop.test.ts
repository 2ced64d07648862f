import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_DESCRIPTION_LENGTH, describeError, describeValue } from './describe-value.js'

const anyValue = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true })

const CONTROL = /\p{Cc}/u

it('S18 every value has a short text on one line', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const text = describeValue(value)

      expect(text.length).toBeGreaterThan(0)
      expect(text.length).toBeLessThanOrEqual(MAX_DESCRIPTION_LENGTH)
      expect(text).not.toMatch(CONTROL)
    }),
    { numRuns: 500 },
  )
})

it('S18 every thrown value has a name and a message', () => {
  fc.assert(
    fc.property(fc.oneof(anyValue, fc.record({ name: anyValue, message: anyValue })), (value) => {
      const { name, message } = describeError(value, 200)

      expect(name.length).toBeLessThanOrEqual(MAX_DESCRIPTION_LENGTH)
      expect(message.length).toBeLessThanOrEqual(200)
    }),
    { numRuns: 500 },
  )
})
