/**
 * When a breaker trips, as values. Shares are compared as whole numbers, `failures · 100 ≥ percent · total`, never as
 * rounded rates, and both bounds are inclusive, as in Hystrix (HystrixCircuitBreaker, HealthCounts).
 */
import { readOptions, reportInternalError } from '@breakwater/kernel'
import type { OptionReader } from '@breakwater/kernel'
import { TimeWindow } from './core/time-window.js'
import type {
  BreakerStats,
  ConsecutiveFailuresRule,
  CountRateRule,
  CustomRule,
  ErrorRateRule,
  SlowCallsRule,
  TripRule,
} from './core/trip-rule.js'

const MAX_BUCKETS = 10_000
const MAX_COUNT = 1_000_000
const DEFAULT_WINDOW_MS = 10_000
const DEFAULT_BUCKETS = 10

/**
 * Trips when, within the last `windowMs`, at least `volume` calls ended and at least `percent` of them failed. The
 * window is cut into `buckets`, which must divide it evenly.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { CircuitBreaker, errorRate } from '@breakwater/breaker'
 *
 * const breaker = new CircuitBreaker({ trip: errorRate({ percent: 25, volume: 50 }) })
 * ```
 */
export function errorRate(
  options: {
    readonly percent?: number | undefined
    readonly volume?: number | undefined
    readonly windowMs?: number | undefined
    readonly buckets?: number | undefined
  } = {},
): ErrorRateRule {
  const read = readOptions('errorRate', options, ['percent', 'volume', 'windowMs', 'buckets'])
  const rule: ErrorRateRule = {
    kind: 'error-rate',
    percent: percentOf(read),
    volume: volumeOf(read),
    ...windowOf(read),
  }
  read.finish()
  return Object.freeze(rule)
}

/**
 * Trips when at least `percent` of the last `size` calls failed, as soon as `volume` calls ended.
 *
 * @throws InvalidOptionsError
 */
export function countRate(
  options: {
    readonly percent?: number | undefined
    readonly size?: number | undefined
    readonly volume?: number | undefined
  } = {},
): CountRateRule {
  const read = readOptions('countRate', options, ['percent', 'size', 'volume'])
  const size = read.integer('size', 100, { min: 1, max: MAX_COUNT })
  const volume = read.integer('volume', Math.min(20, size), { min: 1, max: MAX_COUNT })
  if (volume > size)
    read.issue('volume', volume, `at most the size of the window, ${String(size)}, or it never trips`)
  const rule: CountRateRule = { kind: 'count-rate', percent: percentOf(read), size, volume }
  read.finish()
  return Object.freeze(rule)
}

/**
 * Trips when at least `percent` of the calls of the last `windowMs` took longer than `slowerThanMs`. A call counts at
 * the moment it becomes slow, also while it is still in flight; time in which the event loop stalled does not make a
 * call slow whose answer was there in time.
 *
 * @throws InvalidOptionsError
 */
export function slowCalls(options: {
  readonly slowerThanMs: number
  readonly percent?: number | undefined
  readonly volume?: number | undefined
  readonly windowMs?: number | undefined
  readonly buckets?: number | undefined
}): SlowCallsRule {
  const read = readOptions('slowCalls', options, ['percent', 'slowerThanMs', 'volume', 'windowMs', 'buckets'])
  const slowerThanMs = read.durationMs('slowerThanMs', undefined, { min: 1 })
  if (!read.has('slowerThanMs')) read.issue('slowerThanMs', undefined, 'a number of milliseconds from 1')
  const rule: SlowCallsRule = {
    kind: 'slow-calls',
    percent: percentOf(read),
    slowerThanMs: slowerThanMs ?? 1,
    volume: volumeOf(read),
    ...windowOf(read),
  }
  read.finish()
  return Object.freeze(rule)
}

/**
 * Trips after `failures` calls in a row failed. Ignored calls neither break the row nor lengthen it.
 *
 * @throws InvalidOptionsError
 */
export function consecutiveFailures(failures: number): ConsecutiveFailuresRule {
  const read = readOptions('consecutiveFailures', { failures }, ['failures'])
  const rule: ConsecutiveFailuresRule = {
    kind: 'consecutive-failures',
    failures: read.integer('failures', 5, { min: 1, max: MAX_COUNT }),
  }
  if (failures === undefined) read.issue('failures', failures, 'a whole number from 1')
  read.finish()
  return Object.freeze(rule)
}

/**
 * Trips when `when` says so, asked after each call that ended with the counts of the window: that of the first rolling
 * rule beside it, or of 10 s. Anything but `true` does not trip, nor does a throw, which is reported as internal error.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { CircuitBreaker, tripWhen } from '@breakwater/breaker'
 *
 * const breaker = new CircuitBreaker({ trip: tripWhen(({ failures, successes }) => failures > 10 && successes === 0) })
 * ```
 */
export function tripWhen(when: (stats: BreakerStats) => boolean): CustomRule {
  const read = readOptions('tripWhen', { when }, ['when'])
  if (read.fn('when') === undefined && !read.has('when')) read.issue('when', when, 'a function')
  read.finish()
  return Object.freeze({
    kind: 'custom',
    when: (stats: BreakerStats) => {
      try {
        return when(stats) === true
      } catch (error) {
        reportInternalError(error, 'tripWhen')
        return false
      }
    },
  })
}

const KINDS: readonly string[] = [
  'error-rate',
  'count-rate',
  'slow-calls',
  'consecutive-failures',
  'custom',
] satisfies TripRule['kind'][]

/** What is expected instead of `value` where a trip rule belongs, or `undefined` when it is one. */
export function tripRuleProblem(value: unknown): string | undefined {
  const isRule =
    typeof value === 'object' &&
    value !== null &&
    Object.isFrozen(value) &&
    KINDS.includes(String((value as TripRule).kind))
  return isRule
    ? undefined
    : 'a trip rule: errorRate(), countRate(), slowCalls(), consecutiveFailures() or tripWhen()'
}

function percentOf(read: OptionReader<'percent'>): number {
  return read.number('percent', 50, { min: Number.MIN_VALUE, max: 100 })
}

function volumeOf(read: OptionReader<'volume'>): number {
  return read.integer('volume', 20, { min: 1, max: MAX_COUNT })
}

function windowOf(read: OptionReader<'windowMs' | 'buckets'>): { windowMs: number; buckets: number } {
  const windowMs = read.durationMs('windowMs', DEFAULT_WINDOW_MS, { min: 1 })
  const buckets = read.integer('buckets', DEFAULT_BUCKETS, { min: 1, max: MAX_BUCKETS })
  const problem = read.issues.length === 0 ? TimeWindow.problem(windowMs, buckets) : undefined
  if (problem !== undefined)
    read.issue('buckets', buckets, `a number that divides windowMs evenly: ${problem}`)
  return { windowMs, buckets }
}
