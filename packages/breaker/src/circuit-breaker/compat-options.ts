/**
 * The option `compat`: which of the other options make sense with it, and what they are in its terms.
 */
import { readOptions } from '@breakwater/kernel'
import type { OptionReader } from '@breakwater/kernel'
import { constant, isBackoff } from '../backoff/backoff.js'
import type { Backoff } from '../backoff/backoff.js'
import { LINES } from './core/line.js'
import type { Compat, HystrixRules } from './core/line.js'
import type { TripRule } from './core/trip-rule.js'
import { errorRate } from './trip-rules.js'

type Reader = OptionReader<'compat' | 'trip' | 'openMs' | 'probes' | 'ramp'>

/** The window of Hystrix, in health snapshots of 500 ms. */
export const HYSTRIX_TRIP: readonly TripRule[] = Object.freeze([
  errorRate({ percent: 50, volume: 20, windowMs: 10_000, buckets: 20 }),
])

/** The sleep window of Hystrix. */
export const HYSTRIX_OPEN: Backoff = constant({ ms: 5_000 })

/** The options that mean something else with `compat`, as read. */
interface OtherOptions {
  readonly trip: readonly TripRule[]
  readonly open: Backoff
  readonly leaseMs: number
  readonly leaseFollowsTimeout: boolean
}

/** What Hystrix cannot do, by option. */
const FOREIGN = {
  probes: 'has one trial at a time, and no lease on it',
  ramp: 'has no ramp',
} as const

/**
 * The rules of Hystrix, or `undefined` without `compat`. The other options are as read; what contradicts `compat` becomes
 * an issue that names both.
 */
export function readHystrixRules(
  read: Reader,
  { trip, open, leaseMs, leaseFollowsTimeout }: OtherOptions,
): HystrixRules | undefined {
  const compat = read.oneOf('compat', undefined, Object.keys(LINES) as Compat[])
  if (compat === undefined) return undefined
  const beside = `beside compat: ${JSON.stringify(compat)}, which`
  const { leasesTrial } = LINES[compat]
  for (const key of leasesTrial ? (['ramp'] as const) : (['probes', 'ramp'] as const)) {
    const isGiven = read.has(key) && read.value(key) !== false
    if (isGiven) read.issue(key, read.value(key), `nothing ${beside} ${FOREIGN[key]}`)
  }
  if (leasesTrial) readOneTrial(read, beside)
  const openMs = read.value('openMs')
  if (isBackoff(openMs)) read.issue('openMs', openMs, `a number of milliseconds ${beside} has no back-off`)
  const [rule] = trip
  if (trip.length !== 1 || rule?.kind !== 'error-rate') {
    read.issue('trip', read.value('trip'), `one errorRate() ${beside} trips by nothing else`)
    return undefined
  }
  const { percent, volume, windowMs, buckets } = rule
  const sleepMs = open.delayMs(1, { next: () => 0 })
  // Hystrix counts in whole percents: less than one of them is reached without any failure.
  const rules = { compat, percent: percent < 1 ? 0 : percent, volume, windowMs, buckets, sleepMs }
  return Object.freeze(leasesTrial ? { ...rules, lease: { leaseMs, leaseFollowsTimeout } } : rules)
}

/** Of `probes`, only the lease is left to choose. */
function readOneTrial(read: Reader, beside: string): void {
  const keys = ['limit', 'closeAfter'] as const
  // What cannot be read in there was found before.
  const probes = readOptions('probes', read.value('probes'), keys)
  for (const key of keys) {
    const value = probes.value(key)
    if (typeof value === 'number' && value > 1)
      read.issue(`probes.${key}`, value, `1 ${beside} has one trial at a time`)
  }
}
