import { describe, expect, it } from 'vitest'
import { systemClock } from './clock.js'
import { onInternalError } from './internal-errors.js'
import { MAX_DURATION_MS, readOptions } from './options.js'
import type { OptionReader } from './options.js'
import { systemRandom } from './random.js'
import { createRuntime } from './runtime.js'

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
  'clock',
  'random',
  'runtime',
] as const
type Key = (typeof KEYS)[number]

const readerOf = (given: unknown): OptionReader<Key> => readOptions('CircuitBreaker', given, KEYS)

const summary = (reader: { readonly issues: OptionReader['issues'] }): string[] =>
  reader.issues.map((issue) => `${issue.path}: ${issue.expected}`)

const unreadable = (): never => {
  throw new Error('getter')
}

describe('numbers', () => {
  it.each([NaN, Infinity, -Infinity, -1, -0.001, MAX_DURATION_MS + 1, '5', null, 5n, {}])(
    'refuses %o as a duration',
    (openMs: unknown) => {
      const read = readerOf({ openMs })

      expect(read.durationMs('openMs', 42)).toBe(42)
      expect(summary(read)).toEqual(['openMs: a number of milliseconds from 0 to 2147483647'])
    },
  )

  it.each([0, 0.5, 1, MAX_DURATION_MS])('accepts %d as a duration', (openMs) => {
    const read = readerOf({ openMs })

    expect(read.durationMs('openMs', 42)).toBe(openMs)
    read.finish()
  })

  it('never hands out a negative zero', () => {
    expect(Object.is(readerOf({ openMs: -0 }).durationMs('openMs', 1), 0)).toBe(true)
  })

  it('includes both bounds and says which there are', () => {
    const read = readerOf({ limit: 3, percent: 101, openMs: 0 })

    expect(read.integer('limit', 1, { min: 3, max: 3 })).toBe(3)
    read.number('percent', 1, { max: 100 })
    read.durationMs('openMs', 1, { min: 1, max: 10 })
    read.integer('limit', 1, { min: 4 })
    expect(summary(read)).toEqual([
      'percent: a number of at most 100',
      'openMs: a number of milliseconds from 1 to 10',
      'limit: a whole number of at least 4',
    ])
  })

  it('accepts fractions as numbers and only exact whole ones as integers', () => {
    expect(readerOf({ percent: 0.5 }).number('percent', 1)).toBe(0.5)
    for (const percent of [NaN, Infinity, -Infinity, '0.5']) {
      expect(readerOf({ percent }).number('percent', 1)).toBe(1)
    }
    for (const limit of [0.5, 2 ** 53, NaN, '1']) {
      const read = readerOf({ limit })
      expect(read.integer('limit', 7)).toBe(7)
      expect(summary(read)).toEqual(['limit: a whole number'])
    }
  })
})

describe('strings and choices', () => {
  it('checks pattern and length, whatever flags the pattern has', () => {
    const rule = { pattern: /^[a-z]+$/g, minLength: 1, maxLength: 3 }

    for (let round = 0; round < 2; round++)
      expect(readerOf({ name: 'abc' }).string('name', 'x', rule)).toBe('abc')
    for (const name of ['', 'abcd', 'a1', 5]) {
      const read = readerOf({ name })
      expect(read.string('name', 'x', rule)).toBe('x')
      expect(summary(read)).toEqual(['name: a string of 1 to 3 characters that matches /^[a-z]+$/g'])
    }
  })

  it('limits strings to 1000 characters unless told otherwise', () => {
    const read = readerOf({ name: 'x'.repeat(1_001) })
    read.string('name', undefined)
    read.string('name', undefined, { maxLength: 2_000 })
    read.string('name', undefined, { expected: 'a host name' })

    expect(summary(read)).toEqual(['name: a string of 0 to 1000 characters', 'name: a host name'])
  })

  it('takes one of the given values', () => {
    const read = readerOf({ order: 'lifo' })

    expect(read.oneOf('order', 'fifo', ['fifo', 'lifo'])).toBe('lifo')
    const absent = readerOf({})
    expect(absent.oneOf('order', 'fifo', ['fifo', 'lifo'])).toBe('fifo')
    expect(absent.issues).toEqual([])
    expect(readerOf({ order: false }).oneOf('order', undefined, [false, 'full'])).toBe(false)
    expect(read.issues).toEqual([])
  })

  it('refuses other values with the list of choices, and a hint for a near miss', () => {
    const near = readerOf({ order: 'fiof' })
    const far = readerOf({ order: 3 })

    expect(near.oneOf('order', 'lifo', ['fifo', 'lifo', false])).toBe('lifo')
    far.oneOf('order', undefined, ['fifo', 'lifo', false])
    expect(near.issues).toMatchObject([
      { path: 'order', expected: 'one of "fifo", "lifo", false', hint: 'did you mean fifo?' },
    ])
    expect(far.issues[0]).not.toHaveProperty('hint')
  })
})

describe('other kinds', () => {
  it('reads booleans and functions', () => {
    const onOpen = (): void => undefined
    const good = readerOf({ enabled: true, onOpen })
    const bad = readerOf({ enabled: 'yes', onOpen: {} })

    expect(good.boolean('enabled', false)).toBe(true)
    expect(good.fn<() => void>('onOpen')).toBe(onOpen)
    expect(bad.boolean('enabled', false)).toBe(false)
    expect(bad.fn('onOpen')).toBeUndefined()
    expect(summary(good)).toEqual([])
    expect(summary(bad)).toEqual(['enabled: true or false', 'onOpen: a function'])
  })

  it('reads instances', () => {
    const map = new Map()

    expect(readerOf({ trip: map }).instance('trip', undefined, Map)).toBe(map)
    const bad = readerOf({ trip: {} })
    expect(bad.instance('trip', undefined, Map)).toBeUndefined()
    expect(summary(bad)).toEqual(['trip: an instance of Map'])
  })

  it('asks a custom check, and does not accept when it throws', () => {
    const isTen = (value: unknown): string | undefined => (value === 10 ? undefined : 'ten')

    expect(readerOf({ trip: 10 }).custom<10, undefined>('trip', undefined, isTen)).toBe(10)
    const bad = readerOf({ trip: 11, limit: 1 })
    bad.custom('trip', undefined, isTen)
    bad.custom('limit', undefined, unreadable)
    bad.custom('name', undefined, unreadable)
    expect(summary(bad)).toEqual(['trip: ten', 'limit: a value that can be examined'])
  })

  it('copies and freezes a list', () => {
    const urls = ['a', 'b']
    const read = readerOf({ urls })
    const copy = read.list<string, undefined>('urls', undefined)

    expect(copy).toEqual(urls)
    expect(copy).not.toBe(urls)
    expect(Object.isFrozen(copy)).toBe(true)
    expect(Object.isFrozen(urls)).toBe(false)
  })

  it('includes both limits of the length of a list, which are 0 and 10000 unless told otherwise', () => {
    const lengthOf = (length: number, rule?: { minLength: number; maxLength: number }): unknown => {
      const read = readerOf({ urls: Array.from({ length }, () => 'a') })
      return read.list('urls', undefined, undefined, rule)?.length ?? summary(read)[0]
    }

    expect([2, 3].map((length) => lengthOf(length, { minLength: 2, maxLength: 3 }))).toEqual([2, 3])
    expect([0, 10_000].map((length) => lengthOf(length))).toEqual([0, 10_000])
    expect(lengthOf(10_001)).toBe('urls: an array of 0 to 10000 entries')
  })

  it('reads an absent list as its default, without an issue', () => {
    const read = readerOf({})

    expect(read.list('urls', undefined)).toBeUndefined()
    expect(read.issues).toEqual([])
  })

  it('reports each bad entry of a list at its place', () => {
    const read = readerOf({ urls: ['a', 1, 'b', null] })
    const check = (value: unknown): string | undefined => (typeof value === 'string' ? undefined : 'a URL')

    expect(read.list('urls', undefined, check)).toBeUndefined()
    expect(summary(read)).toEqual(['urls[1]: a URL', 'urls[3]: a URL'])
  })

  it('refuses what is no list, a list that cannot be read, and one of the wrong length', () => {
    const broken = new Proxy([1], { get: unreadable })
    for (const urls of ['a', {}, [], [1, 2, 3], broken]) {
      const read = readerOf({ urls })
      expect(read.list('urls', undefined, undefined, { minLength: 1, maxLength: 2 })).toBeUndefined()
      expect(summary(read)).toEqual(['urls: an array of 1 to 2 entries'])
    }
  })
})

describe('what a policy reads time and chance from, and where it registers', () => {
  it('is known by its methods, whoever made it', () => {
    const runtime = createRuntime()
    const { now, epochNow, schedule } = systemClock
    const clock = { now, epochNow, schedule }
    const random = { state: 0.25, next: () => random.state }
    const read = readerOf({ clock, random, runtime })

    expect(read.clock('clock', systemClock)).toBe(clock)
    expect(read.random('random', systemRandom).next()).toBe(0.25)
    expect(read.runtime('runtime', undefined)).toBe(runtime)
    expect(read.issues).toEqual([])
  })

  it('is watched, where it is chance: a number that is none is not passed on', () => {
    const unsubscribe = onInternalError(() => {})
    const number = readerOf({ random: { next: () => NaN } })
      .random('random', systemRandom)
      .next()
    unsubscribe()

    expect(number >= 0 && number < 1).toBe(true)
  })

  it('is the default where it is not given', () => {
    const read = readerOf({ clock: undefined })

    expect(read.clock('clock', systemClock)).toBe(systemClock)
    expect(read.random('random', undefined)).toBeUndefined()
    expect(read.runtime('runtime', undefined)).toBeUndefined()
    expect(read.issues).toEqual([])
  })

  it.each(['now', 'epochNow', 'schedule'])('is no clock without %s', (method) => {
    const { now, epochNow, schedule } = systemClock
    const read = readerOf({ clock: { now, epochNow, schedule, [method]: 5 } })

    expect(read.clock('clock', undefined)).toBeUndefined()
    expect(summary(read)).toEqual(['clock: a clock: { now, epochNow, schedule }'])
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 5],
    ['an empty object', {}],
  ])('is nothing of the kind as %s', (_, given) => {
    const read = readerOf({ clock: given, random: given, runtime: given })

    expect(read.clock('clock', systemClock)).toBe(systemClock)
    expect(read.random('random', systemRandom)).toBe(systemRandom)
    expect(read.runtime('runtime', undefined)).toBeUndefined()
    expect(summary(read)).toEqual([
      'clock: a clock: { now, epochNow, schedule }',
      'random: a source of chance: { next }',
      'runtime: a runtime of createRuntime()',
    ])
  })

  it.each(['register', 'instruments', 'on'])('is no runtime without %s', (method) => {
    const runtime = { register: () => 1, instruments: () => [], on: () => 1, [method]: undefined }
    const read = readerOf({ runtime })

    expect(read.runtime('runtime', undefined)).toBeUndefined()
    expect(summary(read)).toEqual(['runtime: a runtime of createRuntime()'])
  })
})
