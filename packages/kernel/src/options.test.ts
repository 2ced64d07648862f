import { describe, expect, it } from 'vitest'
import { InvalidOptionsError } from './errors.js'
import { readOptions } from './options.js'
import type { OptionReader } from './options.js'

const KEYS = [
  'openMs',
  'limit',
  'percent',
  'name',
  'order',
  'enabled',
  'onOpen',
  'trip',
  'queue',
  'urls',
] as const
type Key = (typeof KEYS)[number]

const readerOf = (given: unknown): OptionReader<Key> => readOptions('CircuitBreaker', given, KEYS)

const summary = (reader: { readonly issues: OptionReader['issues'] }): string[] =>
  reader.issues.map((issue) => `${issue.path}: ${issue.expected}`)

const unreadable = (): never => {
  throw new Error('getter')
}

describe('readOptions', () => {
  it('gives defaults for absent and undefined options', () => {
    for (const given of [undefined, {}, { openMs: undefined }, Object.create(null) as object]) {
      const read = readerOf(given)
      expect(read.durationMs('openMs', 5_000)).toBe(5_000)
      expect(read.has('openMs')).toBe(false)
      read.finish()
    }
  })

  it('takes 0, false and the empty string for values', () => {
    const read = readerOf({ openMs: 0, enabled: false, name: '' })

    expect(read.durationMs('openMs', 5_000)).toBe(0)
    expect(read.boolean('enabled', true)).toBe(false)
    expect(read.string('name', 'default')).toBe('')
    expect(read.has('enabled')).toBe(true)
    read.finish()
  })

  it.each([null, 5, 'openMs', [], new Map(), () => 1, new Date(0), Object.create({ openMs: 1 })])(
    'refuses %o in place of an options object, with one issue',
    (given: unknown) => {
      const read = readerOf(given)

      expect(read.durationMs('openMs', 5_000)).toBe(5_000)
      expect(read.issues).toEqual([{ path: '', received: given, expected: 'a plain object' }])
      expect(() => {
        read.finish()
      }).toThrow('options: expected a plain object')
    },
  )

  it('says nothing about what is missing in something that is no object', () => {
    const read = readerOf(5)
    const queue = readerOf({ queue: NaN }).nested('queue', ['limit'])

    read.issue('limit', undefined, 'a limit')
    queue.issue('limit', undefined, 'a limit')

    expect(summary(read)).toEqual([': a plain object'])
    expect(summary(queue)).toEqual(['queue: a plain object'])
  })

  it('accepts an options object of another realm', () => {
    const foreignRoot = Object.create(null) as object
    const read = readerOf(Object.assign(Object.create(foreignRoot) as object, { openMs: 7 }))

    expect(read.durationMs('openMs', 1)).toBe(7)
    read.finish()
  })

  it('reports unknown keys and guesses what was meant', () => {
    const read = readerOf({ opnMs: 1, LIMIT: 2, somethingElse: 3, ['x'.repeat(100)]: 4 })

    expect(read.issues).toEqual([
      { path: 'opnMs', received: 1, expected: 'a known option', hint: 'did you mean openMs?' },
      { path: 'LIMIT', received: 2, expected: 'a known option', hint: 'did you mean limit?' },
      { path: 'somethingElse', received: 3, expected: 'a known option' },
      { path: 'x'.repeat(100), received: 4, expected: 'a known option' },
    ])
  })

  it('treats an own __proto__ as any unknown key and changes no prototype', () => {
    const read = readerOf(JSON.parse('{"__proto__": {"openMs": 1}}'))

    expect(summary(read)).toEqual(['__proto__: a known option'])
    expect(read.durationMs('openMs', 5)).toBe(5)
  })

  it('never reads inherited options', () => {
    Object.defineProperty(Object.prototype, 'openMs', { value: 1, configurable: true })
    try {
      expect(readerOf({}).durationMs('openMs', 5)).toBe(5)
    } finally {
      Reflect.deleteProperty(Object.prototype, 'openMs')
    }
  })

  it('reads each property once', () => {
    let reads = 0
    const read = readerOf({
      get openMs() {
        return ++reads
      },
    })

    expect([read.durationMs('openMs', 5), read.value('openMs'), read.number('openMs', 5)]).toEqual([1, 1, 1])
    expect(reads).toBe(1)
  })

  it('makes an issue of a getter that throws, known or not', () => {
    const read = readerOf(
      Object.defineProperties(
        {},
        { openMs: { get: unreadable, enumerable: true }, extra: { get: unreadable, enumerable: true } },
      ),
    )

    expect(read.durationMs('openMs', 5)).toBe(5)
    expect(summary(read)).toEqual(['extra: a known option', 'openMs: a readable value'])
  })

  it('makes one issue of a proxy that throws, at once or when it is looked at again', () => {
    let looks = 0
    const at = (look: number): object =>
      new Proxy({}, { ownKeys: () => (++looks === look ? unreadable() : []) })

    for (const look of [1, 2]) {
      looks = 0
      const read = readerOf(at(look))
      expect(read.durationMs('openMs', 5)).toBe(5)
      expect(summary(read)).toEqual([': a plain object'])
    }
  })

  it('throws every issue at once, with the name of the component', () => {
    const read = readerOf({ openMs: -1, limit: 1.5, foo: 1 })
    read.durationMs('openMs', 1)
    read.integer('limit', 1)
    let thrown: unknown
    try {
      read.finish()
    } catch (error) {
      thrown = error
    }

    expect(thrown).toBeInstanceOf(InvalidOptionsError)
    expect(thrown).toMatchObject({ code: 'ERR_INVALID_OPTIONS' })
    expect(String(thrown).split('\n')).toEqual([
      'InvalidOptionsError: Invalid options for CircuitBreaker:',
      '  foo: expected a known option, received 1',
      '  openMs: expected a number of milliseconds from 0 to 2147483647, received -1',
      '  limit: expected a whole number, received 1.5',
    ])
  })
})

describe('nested options', () => {
  const QUEUE = ['limit', 'maxWaitMs'] as const

  it('have the path of the outer option and end in the same error', () => {
    const read = readerOf({ openMs: -1, queue: { limit: -1, limt: 1 } })
    const queue = read.nested('queue', QUEUE)
    queue.integer('limit', 0, { min: 0 })
    read.durationMs('openMs', 1)

    expect(summary(read)).toEqual([
      'queue.limt: a known option',
      'queue.limit: a whole number of at least 0',
      'openMs: a number of milliseconds from 0 to 2147483647',
    ])
    expect(() => {
      queue.finish()
    }).toThrow('Invalid options for CircuitBreaker')
  })

  it('read as empty when absent, and as one issue when not an object', () => {
    const absent = readerOf({}).nested('queue', QUEUE)
    const wrong = readerOf({ queue: 5 })

    expect(absent.integer('limit', 3)).toBe(3)
    expect(wrong.nested('queue', QUEUE).integer('limit', 3)).toBe(3)
    expect(wrong.issues).toEqual([{ path: 'queue', received: 5, expected: 'a plain object' }])
  })

  it('nest further, and take issues of rules about several options', () => {
    const read = readerOf({ queue: { limit: { a: 1 } } })
    read.nested('queue', QUEUE).nested('limit', ['a']).issue('a', 1, 'less than b', 'raise b')

    expect(read.issues).toEqual([
      { path: 'queue.limit.a', received: 1, expected: 'less than b', hint: 'raise b' },
    ])
  })
})
