import fc from 'fast-check'
import { expect, test } from 'vitest'
import { instanceOf } from './read-instances.js'
import { usableInstances } from './usable-instances.js'

const good = fc
  .record({ id: fc.string({ minLength: 1 }), port: fc.integer({ min: 1, max: 65_535 }) })
  .map(({ id, port }) => instanceOf({ id, host: '10.0.0.1', port }))
const field = fc.constantFrom('id', 'host', 'port', 'secure', 'zone', 'status', 'metadata', 'weight')
const throwing = fc.tuple(good, field).map(([instance, name]) =>
  Object.defineProperty({ ...instance }, name, {
    get: () => {
      throw new Error('oops')
    },
  }),
)
// Without an id they are no instances, whatever else they are.
const junk = fc.oneof(
  fc.anything({ withNullPrototype: true }).filter((value) => Object(value) !== value),
  fc.anything().map((value) => ({ host: value, port: value })),
  throwing,
)

test('whatever else is in a list, its instances are used, in their order and as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(good, junk)), (list) => {
      const wanted = list.filter((entry) => Object.isFrozen(entry) && Object(entry) === entry)

      const { instances, refused } = usableInstances(list)

      expect(instances.length).toBe(wanted.length)
      expect(instances.every((instance, index) => instance === wanted[index])).toBe(true)
      expect(refused).toBe(list.length - wanted.length)
    }),
  )
})
