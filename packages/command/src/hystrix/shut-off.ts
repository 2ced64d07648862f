/**
 * What those get who ask a limit that lets nobody in, whatever is free: a switch, as Hystrix has it.
 */
import { BulkheadFullError } from '@breakwater/kernel'

/** No permits at all. */
export function noPermits(key: string): BulkheadFullError {
  return new BulkheadFullError(`${key}: its semaphore has no permits`, { reason: 'concurrency' })
}

/** A threshold that not even an empty queue is below. */
export function noPlaces(key: string): BulkheadFullError {
  return new BulkheadFullError(`${key}: its queue has no places`, { reason: 'concurrency' })
}
