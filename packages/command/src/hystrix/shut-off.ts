/**
 * What those get who ask a command that lets nobody in, whatever is free: switches, as Hystrix has them.
 */
import { BulkheadFullError, invalidArgument } from '@breakwater/kernel'
import type { InvalidOptionsError } from '@breakwater/kernel'

/** No permits at all. */
export function noPermits(key: string): BulkheadFullError {
  return new BulkheadFullError(`${key}: its semaphore has no permits`, { reason: 'concurrency' })
}

/** A threshold that not even an empty queue is below. */
export function noPlaces(key: string): BulkheadFullError {
  return new BulkheadFullError(`${key}: its queue has no places`, { reason: 'concurrency' })
}

/** Java's timer takes no time of 0 or less. */
export function noTime(key: string, timeoutMs: number): InvalidOptionsError {
  const path = 'execution.isolation.thread.timeoutInMilliseconds'
  const expected = 'a time above 0, or execution.timeout.enabled: false'
  return invalidArgument(key, { path, received: timeoutMs, expected })
}
