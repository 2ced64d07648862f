/**
 * Which numbers Hystrix itself takes: nearly all, for it checks none. With some its constructors fail by accident, and
 * those are refused in its lines too.
 */
import type { PropertyFault } from './properties.js'
import type { CommandPropertyValues, ThreadPoolPropertyValues } from './property-table.js'

/** Java's `int`. */
export const INT_MIN: number = -(2 ** 31)
export const INT_MAX: number = 2 ** 31 - 1

/** For what values Hystrix cannot make a command: in the order in which it would find them. */
export function commandFaults(values: CommandPropertyValues): PropertyFault[] {
  const windowMs = values['metrics.rollingStats.timeInMilliseconds']
  return [
    ...bucketFaults('metrics.healthSnapshot.intervalInMilliseconds', {
      divisor: values['metrics.healthSnapshot.intervalInMilliseconds'],
      buckets: Math.trunc(windowMs / values['metrics.healthSnapshot.intervalInMilliseconds']),
    }),
    ...countFaults('metrics.rollingStats.numBuckets', values['metrics.rollingStats.numBuckets']),
    ...countFaults('metrics.rollingPercentile.numBuckets', values['metrics.rollingPercentile.numBuckets']),
  ]
}

/** For what values Hystrix cannot make a thread pool. */
export function threadPoolFaults(values: ThreadPoolPropertyValues): PropertyFault[] {
  const { coreSize, maximumSize, allowMaximumSizeToDivergeFromCoreSize, keepAliveTimeMinutes } = values
  const threads = allowMaximumSizeToDivergeFromCoreSize ? Math.max(coreSize, maximumSize) : coreSize
  return [
    ...(coreSize < 0 || threads <= 0
      ? [{ property: 'coreSize', received: coreSize, expected: 'at least one thread' }]
      : []),
    ...(keepAliveTimeMinutes < 0
      ? [{ property: 'keepAliveTimeMinutes', received: keepAliveTimeMinutes, expected: 'at least 0' }]
      : []),
    ...countFaults('metrics.rollingStats.numBuckets', values['metrics.rollingStats.numBuckets']),
  ]
}

function countFaults(property: string, count: number): PropertyFault[] {
  return bucketFaults(property, { divisor: count, buckets: count })
}

function bucketFaults(
  property: string,
  { divisor, buckets }: { readonly divisor: number; readonly buckets: number },
): PropertyFault[] {
  if (divisor === 0)
    return [{ property, received: 0, expected: 'any number but 0, by which Hystrix divides' }]
  if (buckets > 0) return []
  return [{ property, received: buckets, expected: 'at least one bucket to come of it' }]
}
