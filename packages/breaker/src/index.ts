/** Who may call, and for how long: circuit breaker, bulkhead, timeout, retry. */
export { AdaptiveLimiter } from './adaptive-limiter/adaptive-limiter.js'
export type {
  AdaptiveLimiterEvents,
  AdaptiveLimiterSnapshot,
  AdaptiveLimiterUpdate,
} from './adaptive-limiter/adaptive-limiter.js'
export type { LimitChange } from './adaptive-limiter/adaptation.js'
export type {
  AdaptiveLimiterOptions,
  LimitAlgorithm,
  LoadVerdict,
} from './adaptive-limiter/adaptive-limiter-options.js'
export { AIMD_RULES, AimdLimit } from './adaptive-limiter/core/aimd.js'
export type { AimdRules, EndedCall } from './adaptive-limiter/core/aimd.js'
export type { LimitState } from './adaptive-limiter/core/limit-state.js'
export { LimitPermit } from './adaptive-limiter/limit-permit.js'
export type { Partitions } from './adaptive-limiter/partitions.js'
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
export type { BulkheadEvents } from './bulkhead/slot-rules.js'
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
export { Hedge } from './hedge/hedge.js'
export type { HedgeCounts, HedgeEvents } from './hedge/hedge.js'
export type { HedgeOptions } from './hedge/hedge-options.js'
export { RateLimiter } from './rate-limiter/rate-limiter.js'
export type { RateLimiterSnapshot, RateLimiterUpdate } from './rate-limiter/rate-limiter.js'
export type { RateLimiterOptions } from './rate-limiter/rate-limiter-options.js'
export type { RateLimitedReason, RateLimiterEvents } from './rate-limiter/turns.js'
export { Retry } from './retry/retry.js'
export type { RetryEvents } from './retry/retry.js'
export { RetryBudget } from './retry/retry-budget.js'
export type { RetryBudgetOptions } from './retry/retry-budget.js'
export type { RetryIf, RetryOptions } from './retry/retry-options.js'
export { Timeout } from './timeout/timeout.js'
export type { TimeoutEvents, TimeoutOptions } from './timeout/timeout.js'
