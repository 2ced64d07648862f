/**
 * What no further attempt can better.
 */
import { isBreakwaterError } from '@breakwater/kernel'

/** Rejections of ours that another attempt a moment later would only repeat. */
const FINAL_CODES: readonly string[] = [
  'ERR_CIRCUIT_OPEN',
  'ERR_BULKHEAD_FULL',
  'ERR_RATE_LIMITED',
  'ERR_DEADLINE_EXCEEDED',
  'ERR_INVALID_OPTIONS',
]

/** Whether this error is one of those. */
export function isFinal(error: unknown): boolean {
  return isBreakwaterError(error) && FINAL_CODES.includes(error.code)
}
