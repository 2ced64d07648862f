/** Who may call, and for how long: circuit breaker, bulkhead, timeout, retry. */
export type {
  Backoff,
  ConstantBackoff,
  ConstantBackoffOptions,
  DecorrelatedBackoff,
  DecorrelatedBackoffOptions,
  ExponentialBackoff,
  ExponentialBackoffOptions,
  LinearBackoff,
  LinearBackoffOptions,
} from './backoff/backoff.js'
export { constant, decorrelated, exponential, linear } from './backoff/backoff.js'
export { Bulkhead } from './bulkhead/bulkhead.js'
export type { BulkheadSnapshot, BulkheadUpdate } from './bulkhead/bulkhead.js'
export type { BulkheadOptions } from './bulkhead/bulkhead-options.js'
export type { BulkheadEvents } from './bulkhead/slots.js'
export { CircuitBreaker } from './circuit-breaker/circuit-breaker.js'
export type { CircuitBreakerSnapshot, CircuitBreakerUpdate } from './circuit-breaker/circuit-breaker.js'
export type { CircuitBreakerOptions, Classify } from './circuit-breaker/circuit-breaker-options.js'
export type { HealthCounts, HystrixHealth } from './circuit-breaker/core/health.js'
export type { Compat } from './circuit-breaker/core/line.js'
export type { Transition } from './circuit-breaker/core/machine-data.js'
export type {
  BreakerStats,
  ConsecutiveFailuresRule,
  CountRateRule,
  CustomRule,
  ErrorRateRule,
  SlowCallsRule,
  TripRule,
} from './circuit-breaker/core/trip-rule.js'
export type { CircuitBreakerEvents } from './circuit-breaker/gate.js'
export type { RecentLatencies } from './circuit-breaker/latencies.js'
export { Permit } from './circuit-breaker/permit.js'
export type { SavedBreaker } from './circuit-breaker/saved-breaker.js'
export {
  consecutiveFailures,
  countRate,
  errorRate,
  slowCalls,
  tripWhen,
} from './circuit-breaker/trip-rules.js'
export { Retry } from './retry/retry.js'
export type { RetryEvents } from './retry/retry.js'
export { RetryBudget } from './retry/retry-budget.js'
export type { RetryBudgetOptions } from './retry/retry-budget.js'
export type { RetryIf, RetryOptions } from './retry/retry-options.js'
export { Timeout } from './timeout/timeout.js'
export type { TimeoutEvents, TimeoutOptions } from './timeout/timeout.js'
