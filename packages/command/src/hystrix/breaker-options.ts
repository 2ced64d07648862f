/**
 * The options of a circuit breaker that the properties of a command stand for.
 */
import { errorRate } from '@breakwater/breaker'
import type { CircuitBreakerUpdate } from '@breakwater/breaker'
import { MAX_DURATION_MS } from '@breakwater/kernel'
import type { Line } from './core/line.js'
import { healthShapeOf, sleepMsOf } from './core/numbers-taken.js'
import type { CommandPropertyValues } from './core/property-table.js'

const LEASE_MS = 10_000
const LEASE_AFTER_TIMEOUT_MS = 1_000

/** What of them can change while the command works. */
export function breakerOptionsOf(values: CommandPropertyValues, { compat }: Line): CircuitBreakerUpdate {
  const timeoutMs = timeoutOf(values)
  // A run without a limit may take as long as it likes: its lease is that which the breaker finds out.
  const leaseMs =
    timeoutMs === undefined
      ? undefined
      : Math.min(MAX_DURATION_MS, Math.max(LEASE_MS, timeoutMs + LEASE_AFTER_TIMEOUT_MS))
  // Thresholds are taken as they are: from 0 % of no calls on all trips, above 100 % nothing does.
  const trip = Object.freeze({
    ...errorRate(healthShapeOf(values)),
    percent: values['circuitBreaker.errorThresholdPercentage'],
    volume: values['circuitBreaker.requestVolumeThreshold'],
  })
  return { trip, openMs: sleepMsOf(values), ...(compat === undefined ? { probes: { leaseMs } } : {}) }
}

/** The time of an execution, when it has a limit. */
export function timeoutOf(values: CommandPropertyValues): number | undefined {
  return values['execution.timeout.enabled']
    ? values['execution.isolation.thread.timeoutInMilliseconds']
    : undefined
}
