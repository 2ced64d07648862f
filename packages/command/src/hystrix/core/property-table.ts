/**
 * Every property of Hystrix's commands, thread pools and collapsers: name, default, what it may be, and whether it is
 * read again while things run. The one place that knows them (`HystrixCommandProperties` and its neighbours).
 */

/** How a property is read. */
export interface PropertyRow<T> {
  readonly default: T
  readonly type: 'integer' | 'boolean' | 'strategy' | 'text'
  readonly min?: number
  readonly max?: number
  /** Read again at each use; otherwise once, when what it belongs to is made. */
  readonly isDynamic: boolean
  /** Hystrix reports it and nothing heeds it. */
  readonly isInert?: true
  /** It has no `default.` form. */
  readonly isByKeyOnly?: true
}

/** How a command's runs are kept apart. */
export type IsolationStrategy = 'THREAD' | 'SEMAPHORE'

interface RollingStatsValues {
  readonly 'metrics.rollingStats.timeInMilliseconds': number
  readonly 'metrics.rollingStats.numBuckets': number
}

interface RollingPercentileValues {
  readonly 'metrics.rollingPercentile.enabled': boolean
  readonly 'metrics.rollingPercentile.timeInMilliseconds': number
  readonly 'metrics.rollingPercentile.numBuckets': number
  readonly 'metrics.rollingPercentile.bucketSize': number
}

/** Values of all properties of a command, by name. */
export interface CommandPropertyValues extends RollingStatsValues, RollingPercentileValues {
  readonly 'execution.isolation.strategy': IsolationStrategy
  readonly 'execution.isolation.thread.timeoutInMilliseconds': number
  readonly 'execution.timeout.enabled': boolean
  readonly 'execution.isolation.thread.interruptOnTimeout': boolean
  readonly 'execution.isolation.thread.interruptOnFutureCancel': boolean
  readonly 'execution.isolation.semaphore.maxConcurrentRequests': number
  readonly 'fallback.enabled': boolean
  readonly 'fallback.isolation.semaphore.maxConcurrentRequests': number
  readonly 'circuitBreaker.enabled': boolean
  readonly 'circuitBreaker.requestVolumeThreshold': number
  readonly 'circuitBreaker.sleepWindowInMilliseconds': number
  readonly 'circuitBreaker.errorThresholdPercentage': number
  readonly 'circuitBreaker.forceOpen': boolean
  readonly 'circuitBreaker.forceClosed': boolean
  readonly 'metrics.healthSnapshot.intervalInMilliseconds': number
  readonly 'requestCache.enabled': boolean
  readonly 'requestLog.enabled': boolean
  readonly threadPoolKeyOverride: string | undefined
}

/** Values of all properties of a thread pool, by name. */
export interface ThreadPoolPropertyValues extends RollingStatsValues {
  readonly coreSize: number
  readonly maximumSize: number
  readonly allowMaximumSizeToDivergeFromCoreSize: boolean
  readonly keepAliveTimeMinutes: number
  readonly maxQueueSize: number
  readonly queueSizeRejectionThreshold: number
}

/** Values of all properties of a collapser, by name. */
export interface CollapserPropertyValues extends RollingStatsValues, RollingPercentileValues {
  readonly maxRequestsInBatch: number
  readonly timerDelayInMilliseconds: number
  readonly 'requestCache.enabled': boolean
}

type Table<Values> = { readonly [K in keyof Values]: PropertyRow<Values[K]> }

const MAX_COUNT = 1_000_000
const MAX_MS = 2 ** 31 - 1
const MAX_BUCKETS = 1_000

const flag = (value: boolean): PropertyRow<boolean> => ({ default: value, type: 'boolean', isDynamic: true })
const count = (value: number, min = 1): PropertyRow<number> => ({
  ...{ default: value, type: 'integer', min, max: MAX_COUNT },
  isDynamic: true,
})
const duration = (value: number, min = 1): PropertyRow<number> => ({
  ...{ default: value, type: 'integer', min, max: MAX_MS },
  isDynamic: true,
})
const once = <T>(row: PropertyRow<T>): PropertyRow<T> => ({ ...row, isDynamic: false })
const inert = <T>(row: PropertyRow<T>): PropertyRow<T> => ({ ...row, isDynamic: false, isInert: true })
const buckets = (value: number): PropertyRow<number> => once({ ...count(value), max: MAX_BUCKETS })

const ROLLING_STATS: Table<RollingStatsValues> = {
  'metrics.rollingStats.timeInMilliseconds': once(duration(10_000)),
  'metrics.rollingStats.numBuckets': buckets(10),
}
const ROLLING_PERCENTILE: Table<RollingPercentileValues> = {
  'metrics.rollingPercentile.enabled': inert(flag(true)),
  'metrics.rollingPercentile.timeInMilliseconds': once(duration(60_000)),
  'metrics.rollingPercentile.numBuckets': buckets(6),
  'metrics.rollingPercentile.bucketSize': inert(count(100)),
}

/** `hystrix.command.<key>.…` */
export const COMMAND_PROPERTIES: Table<CommandPropertyValues> = {
  'execution.isolation.strategy': {
    default: 'THREAD',
    type: 'strategy',
    isDynamic: true,
  },
  'execution.isolation.thread.timeoutInMilliseconds': duration(1_000),
  'execution.timeout.enabled': flag(true),
  'execution.isolation.thread.interruptOnTimeout': flag(true),
  'execution.isolation.thread.interruptOnFutureCancel': flag(false),
  'execution.isolation.semaphore.maxConcurrentRequests': count(10, 0),
  'fallback.enabled': flag(true),
  'fallback.isolation.semaphore.maxConcurrentRequests': count(10, 0),
  'circuitBreaker.enabled': flag(true),
  'circuitBreaker.requestVolumeThreshold': count(20, 0),
  'circuitBreaker.sleepWindowInMilliseconds': duration(5_000, 0),
  'circuitBreaker.errorThresholdPercentage': { ...count(50, 0), max: 1_000 },
  'circuitBreaker.forceOpen': flag(false),
  'circuitBreaker.forceClosed': flag(false),
  ...ROLLING_STATS,
  ...ROLLING_PERCENTILE,
  'metrics.healthSnapshot.intervalInMilliseconds': once(duration(500)),
  'requestCache.enabled': flag(true),
  'requestLog.enabled': flag(true),
  threadPoolKeyOverride: {
    default: undefined,
    type: 'text',
    isDynamic: true,
    isByKeyOnly: true,
  },
}

/** `hystrix.threadpool.<key>.…` */
export const THREAD_POOL_PROPERTIES: Table<ThreadPoolPropertyValues> = {
  coreSize: count(10),
  maximumSize: count(10),
  allowMaximumSizeToDivergeFromCoreSize: flag(false),
  keepAliveTimeMinutes: count(1, 0),
  maxQueueSize: once(count(-1, -1)),
  queueSizeRejectionThreshold: count(5, 0),
  ...ROLLING_STATS,
}

/** `hystrix.collapser.<key>.…` */
export const COLLAPSER_PROPERTIES: Table<CollapserPropertyValues> = {
  maxRequestsInBatch: { ...count(2_147_483_647), max: 2_147_483_647 },
  timerDelayInMilliseconds: once(duration(10)),
  'requestCache.enabled': flag(true),
  ...ROLLING_STATS,
  ...ROLLING_PERCENTILE,
}

/** What has properties; the second part of a property's full name. */
export type PropertyKind = keyof PropertyValues

/** The values of one kind. */
export interface PropertyValues {
  readonly command: CommandPropertyValues
  readonly threadpool: ThreadPoolPropertyValues
  readonly collapser: CollapserPropertyValues
}

/** The rows of one kind, in a form that can be walked. */
export function rowsOf(kind: PropertyKind): ReadonlyMap<string, PropertyRow<unknown>> {
  return ROWS[kind]
}

const ROWS: Readonly<Record<PropertyKind, ReadonlyMap<string, PropertyRow<unknown>>>> = {
  command: new Map(Object.entries(COMMAND_PROPERTIES)),
  threadpool: new Map(Object.entries(THREAD_POOL_PROPERTIES)),
  collapser: new Map(Object.entries(COLLAPSER_PROPERTIES)),
}
