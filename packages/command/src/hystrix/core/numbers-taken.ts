/**
 * Numbers that Hystrix takes and the policies of ours do not, in terms of what they do.
 */
import type { BucketShape } from './closed-buckets.js'
import type { CommandPropertyValues } from './property-table.js'

const MAX_HEALTH_BUCKETS = 10_000
const MAX_SLOTS = 1_000_000

/** A trial may begin with the first call after the opening; nothing is earlier. */
export function sleepMsOf(values: CommandPropertyValues): number {
  return Math.max(0, values['circuitBreaker.sleepWindowInMilliseconds'])
}

/** The window in health buckets. A bucket too many would cost more than it tells, so they are made longer. */
export function healthShapeOf(values: CommandPropertyValues): { windowMs: number; buckets: number } {
  const windowMs = values['metrics.rollingStats.timeInMilliseconds']
  const intervalMs = values['metrics.healthSnapshot.intervalInMilliseconds']
  const bucketMs = Math.max(intervalMs, Math.ceil(windowMs / MAX_HEALTH_BUCKETS))
  const buckets = Math.max(1, Math.trunc(windowMs / bucketMs))
  return { windowMs: buckets * bucketMs, buckets }
}

/** How rolling counts are cut. No bucket is shorter than a millisecond. */
export function countShapeOf(windowMs: number, buckets: number): BucketShape {
  return { bucketMs: Math.max(1, Math.trunc(windowMs / buckets)), buckets }
}

/** A bulkhead has one slot at least; a command without permits does not ask it. */
export function permitsOf(values: CommandPropertyValues): number {
  return atLeastOne(values['execution.isolation.semaphore.maxConcurrentRequests'])
}

/** As many places as a queue may have; Hystrix's are often Java's largest number. */
export function placesOf(queued: number): number {
  return Math.min(MAX_SLOTS, Math.max(0, queued))
}

/** As many slots as a bulkhead may have. */
export function atLeastOne(slots: number): number {
  return Math.min(MAX_SLOTS, Math.max(1, slots))
}
