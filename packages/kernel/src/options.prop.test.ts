import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MAX_DURATION_MS, readOptions } from './options.js'
import type { OptionReader } from './options.js'

const KEYS = ['openMs', 'limit', 'name', 'enabled', 'order', 'onOpen', 'urls'] as const
type Key = (typeof KEYS)[number]

/** Reads every option, as a component would. */
function readAll(read: OptionReader<Key>): unknown[] {
  return [
    read.durationMs('openMs', 5_000, { min: 1 }),
    read.integer('limit', 10, { min: 0, max: 100 }),
    read.string('name', undefined, { minLength: 1 }),
    read.boolean('enabled', true),
    read.oneOf('order', 'fifo', ['fifo', 'lifo']),
    read.fn('onOpen'),
    read.list('urls', undefined, (value) => (typeof value === 'string' ? undefined : 'a URL')),
  ]
}

const noop = (): void => undefined

const valid: Record<Key, fc.Arbitrary<unknown>> = {
  openMs: fc.double({ min: 1, max: MAX_DURATION_MS, noNaN: true }),
  limit: fc.integer({ min: 0, max: 100 }),
  name: fc.string({ minLength: 1, maxLength: 50 }),
  enabled: fc.boolean(),
  order: fc.constantFrom('fifo', 'lifo'),
  onOpen: fc.constant(noop),
  urls: fc.array(fc.string(), { maxLength: 5 }),
}

const invalid: Record<Key, fc.Arbitrary<unknown>> = {
  openMs: fc.constantFrom(0, -1, NaN, Infinity, MAX_DURATION_MS + 1, '5', null, 1n, {}),
  limit: fc.constantFrom(-1, 101, 1.5, NaN, '5', null, [], Symbol('x')),
  name: fc.constantFrom('', 'x'.repeat(1_001), 5, null, {}),
  enabled: fc.constantFrom(0, 1, '', 'true', null),
  order: fc.constantFrom('FIFO', '', 0, null, ['fifo']),
  onOpen: fc.constantFrom(null, 'x', {}, 0),
  urls: fc.constantFrom('x', null, {}, [1], ['a', undefined]),
}

type Quality = 'absent' | 'undefined' | 'valid' | 'invalid'

interface Given {
  readonly options: Record<string, unknown>
  readonly bad: string[]
}

const unknownKeys = fc.uniqueArray(
  fc
    .oneof(fc.constantFrom('__proto__', 'constructor', 'toString', 'OpenMs'), fc.string())
    .filter((key) => !(KEYS as readonly string[]).includes(key)),
  { maxLength: 3 },
)

const given: fc.Arbitrary<Given> = fc
  .tuple(
    fc.tuple(...KEYS.map(() => fc.constantFrom<Quality>('absent', 'undefined', 'valid', 'invalid'))),
    fc.record(valid),
    fc.record(invalid),
    unknownKeys,
  )
  .map(([qualities, good, wrong, extra]) => {
    const options: Record<string, unknown> = {}
    const bad: string[] = []
    const put = (key: string, value: unknown): void => {
      Object.defineProperty(options, key, { value, writable: true, enumerable: true, configurable: true })
    }
    KEYS.forEach((key, index) => {
      const quality = qualities[index]
      if (quality === 'undefined') put(key, undefined)
      if (quality === 'valid') put(key, good[key])
      if (quality === 'invalid') {
        put(key, wrong[key])
        bad.push(key)
      }
    })
    for (const key of extra) put(key, 1)
    return { options, bad: [...bad, ...extra] }
  })

const rootOf = (path: string, options: object): string =>
  Object.hasOwn(options, path) ? path : path.replace(/\[\d+\]$/, '')

it('K6 every invalid option yields exactly one issue with its path, a valid one none', () => {
  fc.assert(
    fc.property(given, ({ options, bad }) => {
      const read = readOptions('Component', options, KEYS)
      readAll(read)

      expect(read.issues.map((issue) => rootOf(issue.path, options)).sort()).toEqual([...bad].sort())
      const finish = (): void => {
        read.finish()
      }
      if (bad.length === 0) finish()
      else expect(finish).toThrow('Invalid options for Component')
    }),
    { numRuns: 500 },
  )
})

it('K5 the given object is the same before and after, and may be frozen', () => {
  fc.assert(
    fc.property(given, ({ options }) => {
      const before = Object.getOwnPropertyDescriptors(options)
      const lists = structuredClone(Array.isArray(options['urls']) ? options['urls'] : [])
      const results = readAll(readOptions('Component', options, KEYS))

      expect(Object.getOwnPropertyDescriptors(options)).toEqual(before)
      expect(Object.isExtensible(options)).toBe(true)
      if (Array.isArray(options['urls'])) expect(options['urls']).toEqual(lists)
      expect(readAll(readOptions('Component', Object.freeze(options), KEYS))).toEqual(results)
    }),
    { numRuns: 200 },
  )
})

it('K6 whatever is given in place of options, reading never throws and finish throws iff there are issues', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true }), (anything) => {
      const read = readOptions('Component', anything, KEYS)
      readAll(read)
      let threw = false
      try {
        read.finish()
      } catch {
        threw = true
      }

      expect(threw).toBe(read.issues.length > 0)
    }),
    { numRuns: 500 },
  )
})
