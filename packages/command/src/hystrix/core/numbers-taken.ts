/**
 * Numbers that Hystrix takes and the policies of ours do not, in terms of what they do.
 */
import type { CommandPropertyValues } from './property-table.js'

/** More calls than any window sees. */
const NEVER = 1_000_000
const BELOW_1_PERCENT = 0.001

/** Without a volume the first call counts, from 0 % on anything trips, above 100 % nothing. */
export function thresholdOf(values: CommandPropertyValues): { percent: number; volume: number } {
  const percent = values['circuitBreaker.errorThresholdPercentage']
  const volume = Math.max(1, values['circuitBreaker.requestVolumeThreshold'])
  return percent > 100
    ? { percent: 100, volume: NEVER }
    : { percent: Math.max(BELOW_1_PERCENT, percent), volume }
}

/** A bulkhead has one slot at least; a command without permits does not ask it. */
export function permitsOf(values: CommandPropertyValues): number {
  return Math.max(1, values['execution.isolation.semaphore.maxConcurrentRequests'])
}
