import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import { describe, expect, it } from 'vitest'
import { createCommand } from '../command.js'
import { faultsIn, world } from '../command.model.js'
import { COLLAPSER_PROPERTIES, COMMAND_PROPERTIES, THREAD_POOL_PROPERTIES } from './core/property-table.js'
import { collapserProperties } from './collapser-properties.js'
import { hystrixProperties } from './hystrix-properties.js'
import type { HystrixPropertyMap } from './hystrix-properties.js'

type Value = string | number | boolean
interface Row {
  readonly name: string
  readonly byDefault: Value | undefined
  /** Three other values that are right. */
  readonly values: readonly [Value, Value, Value]
  readonly bad: Value
  readonly isDynamic: boolean
}
const flag = (name: string, byDefault: boolean): Row => ({
  ...{ name, byDefault, values: [!byDefault, !byDefault, !byDefault], bad: 'maybe' },
  isDynamic: true,
})
const number = (name: string, byDefault: number, bad: Value = 0): Row => ({
  ...{ name, byDefault, values: [20, 40, 50], bad },
  isDynamic: true,
})
const once = (row: Row): Row => ({ ...row, isDynamic: false })

const ROLLING: readonly Row[] = [
  once({ ...number('metrics.rollingStats.timeInMilliseconds', 10_000), values: [20_000, 30_000, 40_000] }),
  once({ ...number('metrics.rollingStats.numBuckets', 10), values: [20, 25, 50] }),
]
const PERCENTILE: readonly Row[] = [
  once(flag('metrics.rollingPercentile.enabled', true)),
  once({
    ...number('metrics.rollingPercentile.timeInMilliseconds', 60_000),
    values: [30_000, 6_000, 12_000],
  }),
  once({ ...number('metrics.rollingPercentile.numBuckets', 6), values: [12, 10, 5] }),
  once(number('metrics.rollingPercentile.bucketSize', 100)),
]
const COMMAND: readonly Row[] = [
  {
    ...{ name: 'execution.isolation.strategy', byDefault: 'THREAD', bad: 'FIBER', isDynamic: true },
    values: ['SEMAPHORE', 'SEMAPHORE', 'SEMAPHORE'],
  },
  number('execution.isolation.thread.timeoutInMilliseconds', 1_000),
  flag('execution.timeout.enabled', true),
  flag('execution.isolation.thread.interruptOnTimeout', true),
  flag('execution.isolation.thread.interruptOnFutureCancel', false),
  number('execution.isolation.semaphore.maxConcurrentRequests', 10, -1),
  flag('fallback.enabled', true),
  number('fallback.isolation.semaphore.maxConcurrentRequests', 10, -1),
  flag('circuitBreaker.enabled', true),
  number('circuitBreaker.requestVolumeThreshold', 20, 1.5),
  number('circuitBreaker.sleepWindowInMilliseconds', 5_000, -1),
  number('circuitBreaker.errorThresholdPercentage', 50, 1_001),
  flag('circuitBreaker.forceOpen', false),
  flag('circuitBreaker.forceClosed', false),
  ...ROLLING,
  ...PERCENTILE,
  once({ ...number('metrics.healthSnapshot.intervalInMilliseconds', 500), values: [100, 200, 250] }),
  flag('requestCache.enabled', true),
  flag('requestLog.enabled', true),
]
const POOL: readonly Row[] = [
  number('coreSize', 10),
  number('maximumSize', 10),
  flag('allowMaximumSizeToDivergeFromCoreSize', false),
  number('keepAliveTimeMinutes', 1, -1),
  once(number('maxQueueSize', -1, -2)),
  number('queueSizeRejectionThreshold', 5, -1),
  ...ROLLING,
]
const COLLAPSER: readonly Row[] = [
  number('maxRequestsInBatch', 2_147_483_647),
  once(number('timerDelayInMilliseconds', 10)),
  flag('requestCache.enabled', true),
  ...ROLLING,
  ...PERCENTILE,
]

interface Made {
  /** The value in force. */
  readonly value: () => unknown
  readonly set: (name: string, value: Value | undefined) => void
}

function make(
  kind: 'command' | 'threadpool',
  row: Row,
  given: Value | undefined,
  source: HystrixPropertyMap,
): Made {
  const runtime = createRuntime()
  const properties = hystrixProperties(source)
  runtime.configure(properties)
  const own = given === undefined ? {} : { [row.name]: given }
  const command = createCommand({
    name: 'my.command',
    group: 'my.pool',
    preset: 'hystrix',
    ...world(),
    runtime,
    run: () => 'ok',
    properties: kind === 'command' ? own : {},
    threadPool: kind === 'threadpool' ? own : {},
  })
  const value = (): unknown => {
    void command.outcome()
    const { properties: values, pool } = command.metrics()
    return ({ ...(kind === 'command' ? values : pool.properties) } as Record<string, unknown>)[row.name]
  }
  return { value, set: (name, changed) => properties.set(name, changed) }
}

describe.each([
  ['command', 'my.command', COMMAND],
  ['threadpool', 'my.pool', POOL],
] as const)('properties of a %s', (kind, key, rows) => {
  const byKey = (row: Row): string => `hystrix.${kind}.${key}.${row.name}`
  const byDefault = (row: Row): string => `hystrix.${kind}.default.${row.name}`

  it('are all there', () => {
    const table = kind === 'command' ? COMMAND_PROPERTIES : THREAD_POOL_PROPERTIES
    const names = rows.map(({ name }) => name)
    expect(Object.keys(table).filter((name) => name !== 'threadPoolKeyOverride')).toEqual(names)
  })

  describe.each(rows)('$name', (row) => {
    const [one, two, three] = row.values

    it('has its default', () => {
      expect(make(kind, row, undefined, {}).value()).toBe(row.byDefault)
    })

    it('takes the default of the source over the table', () => {
      expect(make(kind, row, undefined, { [byDefault(row)]: one }).value()).toBe(one)
    })

    it('takes the code over the default of the source', () => {
      expect(make(kind, row, two, { [byDefault(row)]: one }).value()).toBe(two)
    })

    it('takes what the source says of its key over the code, also as text', () => {
      const source = { [byDefault(row)]: one, [byKey(row)]: String(three) }
      expect(make(kind, row, two, source).value()).toBe(three)
    })

    it(row.isDynamic ? 'is read again when it changes' : 'is read once', () => {
      const made = make(kind, row, undefined, {})
      made.value()
      made.set(byKey(row), one)
      expect(made.value()).toBe(row.isDynamic ? one : row.byDefault)
      made.set(byKey(row), undefined)
      expect(made.value()).toBe(row.byDefault)
    })

    it('is refused with a bad value, by name, and nothing is applied', () => {
      expect(faultsIn(() => hystrixProperties({ [byKey(row)]: row.bad }))).toEqual([byKey(row)])
      const option = kind === 'command' ? 'properties' : 'threadPool'
      expect(faultsIn(() => make(kind, row, row.bad, {}))[0]).toBe(`${option}.${row.name}`)
      const made = make(kind, row, undefined, {})
      expect(() => made.set(byKey(row), row.bad)).toThrow(InvalidOptionsError)
      expect(made.value()).toBe(row.byDefault)
    })
  })
})

describe('properties of a collapser', () => {
  it('are all there', () => {
    expect(Object.keys(COLLAPSER_PROPERTIES)).toEqual(COLLAPSER.map(({ name }) => name))
  })

  it.each(COLLAPSER)('$name has its default, and its precedence', (row) => {
    const [one, two, three] = row.values
    const read = (given: object, source: HystrixPropertyMap): unknown =>
      (({ ...collapserProperties('C', given, hystrixProperties(source)) }) as Record<string, unknown>)[
        row.name
      ]
    const fallback = { [`hystrix.collapser.default.${row.name}`]: one }
    expect(read({}, {})).toBe(row.byDefault)
    expect(read({}, fallback)).toBe(one)
    expect(read({ [row.name]: two }, fallback)).toBe(two)
    expect(read({ [row.name]: two }, { ...fallback, [`hystrix.collapser.C.${row.name}`]: three })).toBe(three)
    expect(faultsIn(() => hystrixProperties({ [`hystrix.collapser.C.${row.name}`]: row.bad }))).toHaveLength(
      1,
    )
  })
})
