import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runSteps } from '../../eureka/core/steps.js'
import { readEntries } from './consul-entries.js'

const RULES = { zoneKey: 'zone', secure: undefined, maxInstances: 50 }
const KEYS = [
  'ID',
  'Address',
  'Port',
  'Meta',
  'Weights',
  'Node',
  'Locality',
  'Zone',
  'zone',
  '__proto__',
  'Passing',
]

const anything = fc.jsonValue({ maxDepth: 3 })
const scrambled = (keys: readonly string[]): fc.Arbitrary<object> =>
  fc
    .dictionary(fc.constantFrom(...keys), anything)
    .map((values) => JSON.parse(JSON.stringify(values)) as object)
const hostile = fc.oneof(
  anything,
  fc.record({ Node: scrambled(KEYS), Service: scrambled(KEYS), Checks: anything }),
)
const usable = fc
  .record({ id: fc.stringMatching(/^[a-z]{1,8}$/), port: fc.integer({ min: 1, max: 65_535 }) })
  .map(({ id, port }) => ({
    Node: { Node: 'good', Address: '10.0.0.1' },
    Service: { ID: id, Port: port },
  }))

test('E5: whatever the other entries are, those that can be used come through, and all that comes through can be used', () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 20 }), fc.array(usable, { maxLength: 10 }), (bad, good) => {
      const read = runSteps(readEntries([...bad, ...good], RULES))!

      const ids = read.instances.map(({ id }) => id)
      expect(ids).toEqual(expect.arrayContaining(good.map(({ Service }) => `good/${Service.ID}`)))
      expect(new Set(ids).size).toBe(ids.length)
      expect(read.dropped).toBe(bad.length + good.length - ids.length)
      for (const { host, port, weight, metadata } of read.instances) {
        expect(new URL(`http://${host.includes(':') ? `[${host}]` : host}:${String(port)}/`).pathname).toBe(
          '/',
        )
        expect(port >= 1 && port <= 65_535 && weight >= 0 && Number.isFinite(weight)).toBe(true)
        expect(Object.getPrototypeOf(metadata)).toBeNull()
      }
      expect(Object.prototype).not.toHaveProperty('Passing')
    }),
    { numRuns: 300 },
  )
})

test('E5: the order of the entries changes nothing', () => {
  fc.assert(
    fc.property(
      fc
        .uniqueArray(usable, { maxLength: 10, selector: ({ Service }) => Service.ID })
        .chain((entries) =>
          fc.tuple(fc.constant(entries), fc.shuffledSubarray(entries, { minLength: entries.length })),
        ),
      ([entries, shuffled]) => {
        expect(runSteps(readEntries(shuffled, RULES))).toEqual(runSteps(readEntries(entries, RULES)))
      },
    ),
    { numRuns: 100 },
  )
})
