import { describe, expect, test } from 'vitest'
import { commandFaults, INT_MAX, INT_MIN, threadPoolFaults } from './hystrix-numbers.js'
import { atLeastOne, countShapeOf, permitsOf, sleepMsOf } from './numbers-taken.js'
import { conflictsOf, parseName, readValue, resolveProperties, valueFault, withStatic } from './properties.js'
import { rowsOf } from './property-table.js'
import type { CommandPropertyValues, PropertyKind, PropertyRow } from './property-table.js'

const nowhere = { lookup: () => undefined, takesAnyNumber: true }
const WINDOW = 'metrics.rollingStats.timeInMilliseconds'
const BUCKETS = 'metrics.rollingStats.numBuckets'
const HEALTH = 'metrics.healthSnapshot.intervalInMilliseconds'
const integer: PropertyRow<unknown> = { default: 1, type: 'integer', min: 1, max: 10, isDynamic: true }

const commandWith = (given: object): CommandPropertyValues =>
  resolveProperties('command', 'A', { ...given }, nowhere)

describe('the numbers of a property', () => {
  const boundsOf = (kind: PropertyKind): string[] =>
    [...rowsOf(kind)].flatMap(([name, { type, min, max }]) =>
      type === 'integer' ? `${name} ${String(min)} ${String(max)}` : [],
    )

  test('have their bounds', () => {
    const rolling = [`${WINDOW} 1 2147483647`, `${BUCKETS} 1 1000`]
    const percentiles = [
      'metrics.rollingPercentile.timeInMilliseconds 1 2147483647',
      'metrics.rollingPercentile.numBuckets 1 1000',
      'metrics.rollingPercentile.bucketSize 1 1000000',
    ]
    expect(boundsOf('command')).toEqual([
      'execution.isolation.thread.timeoutInMilliseconds 1 2147483647',
      'execution.isolation.semaphore.maxConcurrentRequests 0 1000000',
      'fallback.isolation.semaphore.maxConcurrentRequests 0 1000000',
      'circuitBreaker.requestVolumeThreshold 0 1000000',
      'circuitBreaker.sleepWindowInMilliseconds 0 2147483647',
      'circuitBreaker.errorThresholdPercentage 0 1000',
      ...rolling,
      ...percentiles,
      `${HEALTH} 1 2147483647`,
    ])
    expect(boundsOf('threadpool')).toEqual([
      'coreSize 1 1000000',
      'maximumSize 1 1000000',
      'keepAliveTimeMinutes 0 1000000',
      'maxQueueSize -1 1000000',
      'queueSizeRejectionThreshold 0 1000000',
      ...rolling,
    ])
    expect(boundsOf('collapser')).toEqual([
      'maxRequestsInBatch 1 2147483647',
      'timerDelayInMilliseconds 1 2147483647',
      ...rolling,
      ...percentiles,
    ])
  })

  test('are those of Java, both ends included, where any number counts', () => {
    const taken = [INT_MIN - 1, INT_MIN, 0, INT_MAX, INT_MAX + 1].map((given) =>
      readValue(integer, given, true),
    )

    expect(taken).toEqual([undefined, INT_MIN, 0, INT_MAX, undefined])
    expect([0, 1, 10, 11, 1.5].map((given) => readValue(integer, given, false))).toEqual([
      undefined,
      1,
      10,
      undefined,
      undefined,
    ])
  })
})

describe('the properties of a command', () => {
  const namesOf = (is: (row: PropertyRow<unknown>) => boolean): string[] =>
    [...rowsOf('command')].flatMap(([name, row]) => (is(row) ? name : []))
  const inert = ['metrics.rollingPercentile.enabled', 'metrics.rollingPercentile.bucketSize']

  test('are read again at each use, but for those of windows', () => {
    expect(namesOf(({ isDynamic }) => !isDynamic).sort()).toEqual(
      [
        ...inert,
        WINDOW,
        BUCKETS,
        HEALTH,
        'metrics.rollingPercentile.timeInMilliseconds',
        'metrics.rollingPercentile.numBuckets',
      ].sort(),
    )
    expect(namesOf(({ isInert }) => isInert === true)).toEqual(inert)
  })

  test('have a default for all keys, but for the name of the pool', () => {
    const lookup = (name: string): unknown => (name.includes('.default.') ? 'pool' : undefined)

    const values = resolveProperties('command', 'A', {}, { lookup, takesAnyNumber: false })

    expect(values.threadPoolKeyOverride).toBeUndefined()
  })
})

describe('a value', () => {
  const of = (type: PropertyRow<unknown>['type']): PropertyRow<unknown> => ({ ...integer, type })

  test('may be written as text', () => {
    expect([' 7 ', '-7', '7x', 'x7', '7.5'].map((given) => readValue(integer, given, true))).toEqual([
      7,
      -7,
      undefined,
      undefined,
      undefined,
    ])
    expect([' true ', 'false', 'yes'].map((given) => readValue(of('boolean'), given, true))).toEqual([
      true,
      false,
      undefined,
    ])
    expect([' a ', 'true', ''].map((given) => readValue(of('text'), given, true))).toEqual([
      ' a ',
      'true',
      undefined,
    ])
  })

  test('that is wrong is named with what would have been right', () => {
    const expectedOf = (type: PropertyRow<unknown>['type'], takesAnyNumber = false): unknown =>
      valueFault(of(type), { property: 'p', given: null }, takesAnyNumber)
    const fault = { property: 'p', received: null }

    expect(expectedOf('integer')).toEqual({ ...fault, expected: 'a whole number from 1 to 10' })
    expect(expectedOf('integer', true)).toEqual({
      ...fault,
      expected: 'a whole number from -2147483648 to 2147483647',
    })
    expect(expectedOf('boolean')).toEqual({ ...fault, expected: 'true or false' })
    expect(expectedOf('strategy')).toEqual({ ...fault, expected: 'THREAD or SEMAPHORE' })
    expect(expectedOf('text')).toEqual({ ...fault, expected: 'a name of 1 to 256 characters' })
    expect(valueFault(integer, { property: 'p', given: 5 }, false)).toBeUndefined()
  })
})

describe('a full name', () => {
  test('belongs to the longest property that is known', () => {
    expect(parseName('hystrix.command.a.b.requestCache.enabled')).toEqual({
      kind: 'command',
      key: 'a.b',
      property: 'requestCache.enabled',
    })
    expect(parseName('hystrix.threadpool.a.b.c')).toEqual({ kind: 'threadpool', key: 'a', property: 'b.c' })
  })

  test.each(['hystrix.command.x', 'hystrix.commands.a.b', 'x.hystrix.command.a.b', 'hystrix-command.a.b'])(
    'is none: %s',
    (name) => {
      expect(parseName(name)).toBeUndefined()
    },
  )

  test('may say no key', () => {
    expect(parseName('hystrix.command..requestCache.enabled')).toMatchObject({ key: '' })
  })
})

describe('what does not fit together', () => {
  test('is named with what would', () => {
    expect(conflictsOf({ [WINDOW]: 1_000, [BUCKETS]: 3, [HEALTH]: 300 })).toEqual([
      { property: BUCKETS, received: 3, expected: 'a number that divides 1000 ms evenly' },
      { property: HEALTH, received: 300, expected: 'a time that divides the window of 1000 ms evenly' },
    ])
    const percentile = 'metrics.rollingPercentile'
    expect(conflictsOf({ [`${percentile}.timeInMilliseconds`]: 7, [`${percentile}.numBuckets`]: 2 })).toEqual(
      [{ property: `${percentile}.numBuckets`, received: 2, expected: 'a number that divides 7 ms evenly' }],
    )
  })

  test('are numbers only', () => {
    expect(conflictsOf({ [WINDOW]: 1_000 })).toEqual([])
    expect(conflictsOf({ [BUCKETS]: 3, [HEALTH]: 300 })).toEqual([])
    expect(conflictsOf({ [WINDOW]: '1000', [BUCKETS]: 3, [HEALTH]: '300' })).toEqual([])
  })
})

test('what was read once stays, and all else follows', () => {
  const before = commandWith({ [WINDOW]: 20_000, 'requestCache.enabled': false })
  const now = commandWith({ [WINDOW]: 30_000, 'requestCache.enabled': true })

  const values = withStatic('command', before, now)

  expect(values).toEqual({ ...now, [WINDOW]: 20_000 })
  expect(Object.isFrozen(values)).toBe(true)
})

describe('numbers with which Hystrix makes nothing', () => {
  const divides = 'any number but 0, by which Hystrix divides'
  const none = 'at least one bucket to come of it'

  test('are named with what it needs', () => {
    expect(commandFaults(commandWith({ [HEALTH]: 0, [BUCKETS]: 0 }))).toEqual([
      { property: HEALTH, received: 0, expected: divides },
      { property: BUCKETS, received: 0, expected: divides },
    ])
    expect(commandFaults(commandWith({ [WINDOW]: 499, [BUCKETS]: -1 }))).toEqual([
      { property: HEALTH, received: 0, expected: none },
      { property: BUCKETS, received: -1, expected: none },
    ])
    expect(commandFaults(commandWith({ [WINDOW]: 500 }))).toEqual([])
  })

  test('are those of a pool too', () => {
    const faultsOf = (given: object): unknown =>
      threadPoolFaults(resolveProperties('threadpool', 'A', { ...given }, nowhere))

    expect(faultsOf({ coreSize: 0, keepAliveTimeMinutes: -1, [BUCKETS]: 0 })).toEqual([
      { property: 'coreSize', received: 0, expected: 'at least one thread' },
      { property: 'keepAliveTimeMinutes', received: -1, expected: 'at least 0' },
      { property: BUCKETS, received: 0, expected: divides },
    ])
    expect(faultsOf({ coreSize: 1, maximumSize: -1, keepAliveTimeMinutes: 0 })).toEqual([])
    expect(
      faultsOf({ coreSize: 0, maximumSize: 0, allowMaximumSizeToDivergeFromCoreSize: true }),
    ).toHaveLength(1)
  })
})

test('numbers that policies do not take become the nearest that they do', () => {
  expect(
    [-1, 0, 1].map((ms) => sleepMsOf(commandWith({ 'circuitBreaker.sleepWindowInMilliseconds': ms }))),
  ).toEqual([0, 0, 1])
  expect([0, 1, 1_000_000, 1_000_001].map(atLeastOne)).toEqual([1, 1, 1_000_000, 1_000_000])
  expect(permitsOf(commandWith({ 'execution.isolation.semaphore.maxConcurrentRequests': 7 }))).toBe(7)
  expect(
    [countShapeOf(1_000, 10), countShapeOf(15, 10), countShapeOf(5, 10)].map(({ bucketMs }) => bucketMs),
  ).toEqual([100, 1, 1])
})
