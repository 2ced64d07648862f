/** The shared vocabulary of Breakwater: calls, outcomes, errors, time, options, events, and the pipeline. */
export type { Call, CallOptions, Work } from './call.js'
export type { CacheKey, KeyId, KeyPart } from './cache-key.js'
export { identify } from './cache-key.js'
export { CallerSignal } from './caller-signal.js'
export { ENDED_AS, endedAs } from './ended-as.js'
export type { ConfigurationChange, ConfigurationSource } from './configuration.js'
export type { Cancel, Clock, EpochMs, MonotonicMs, ScheduleOptions } from './clock.js'
export { exactClock, systemClock } from './clock.js'
export { LatencyHistogram } from './core/histogram.js'
export { RecentPercentile } from './core/recent-percentile.js'
export { RollingLatency } from './core/rolling-latency.js'
export type { QueueOrder, Waiter } from './core/slot-queue.js'
export { SlotQueue } from './core/slot-queue.js'
export type { Waiting } from './core/arrivals.js'
export { leave } from './core/arrivals.js'
export { DeadlineLine } from './deadline.js'
export type { ErrorCode, ErrorCodeInfo } from './error-codes.js'
export { ERROR_CODES } from './error-codes.js'
export type { BreakwaterErrorJson, BreakwaterErrorOptions, BulkheadFullReason } from './errors.js'
export {
  BreakwaterError,
  BulkheadFullError,
  CallTimeoutError,
  CircuitOpenError,
  CircularWaitError,
  DeadlineExceededError,
  defineErrorClass,
  FallbackFailedError,
  HedgeLostError,
  InvalidOptionsError,
  isBreakwaterError,
  NoInstancesError,
  RateLimitedError,
  RegistryError,
} from './errors.js'
export type { OptionIssue } from './errors.js'
export type { Listener } from './events.js'
export { Emitter } from './events.js'
export type { Guard } from './guard.js'
export { guard } from './guard.js'
export type {
  BalancedInstanceReading,
  BalancerReading,
  BreakerReading,
  BreakerState,
  BulkheadReading,
  CommandReading,
  ExecutionOutcome,
  FallbackOutcome,
  Instrument,
  RegistryReading,
  RetryCounts,
} from './instrument.js'
export { isError } from './is-error.js'
export { onInternalError, reportInternalError } from './internal-errors.js'
export type { ListRule, NumberRange, OptionCheck, StringRule } from './options.js'
export { MAX_DURATION_MS, OptionReader, readOptions } from './options.js'
export { isPlainObject } from './plain-object.js'
export type { FailedOutcome, FallbackCause, Outcome, OutcomeKind } from './outcome.js'
export { OUTCOME_KINDS } from './outcome.js'
export { outsideOfCalls } from './outside-of-calls.js'
export { callOptionsError } from './pipeline/call-options.js'
export type { CallerContext } from './pipeline/caller-context.js'
export { callerContext } from './pipeline/caller-context.js'
export { fillsSlot } from './pipeline/fills-slot.js'
export { buildRunner, pipeline, PolicyBase } from './pipeline/pipeline.js'
export type { StagedPolicy } from './pipeline/pipeline.js'
export type { Runner } from './pipeline/runner.js'
export type {
  Admission,
  BreakerPart,
  CachePart,
  CallEnd,
  FailedAttempt,
  FallbackPart,
  HedgePart,
  LimitPart,
  LimitSampler,
  MeterPart,
  RatePart,
  NextHedge,
  RetryPart,
  SlotSeeker,
  SlotName,
  Stage,
  TimeoutPart,
  TurnSeeker,
} from './pipeline/stage.js'
export { ADMITTED, GATE_ASK, GATE_FREE, GATE_SHUT, WAITING } from './pipeline/stage.js'
export { adopt } from './pipeline/work.js'
export type { Pipeline, Policy, PolicyDescription, WidenedBy } from './policy.js'
export type { Random } from './random.js'
export { seededRandom, systemRandom } from './random.js'
export type { RequestContextOptions, RequestScope } from './request-scope/request-scope.js'
export {
  currentRequestScope,
  openRequestScope,
  requestBudgetMs,
  withRequestContext,
} from './request-scope/request-scope.js'
export type { RequestScopeReason } from './request-scope/request-scope-error.js'
export { RequestScopeError } from './request-scope/request-scope-error.js'
export type { RequestVariableOptions } from './request-scope/request-variable.js'
export { RequestVariable } from './request-scope/request-variable.js'
export type { Runtime, RuntimeEvents, RuntimeTransition } from './runtime.js'
export { createRuntime, defaultRuntime, MAX_INSTRUMENTS } from './runtime.js'
export { SharedRun } from './shared-run.js'
export type { Timeline } from './timeline.js'
export { timelineOf } from './timeline.js'
export { describeError, describeValue } from './describe-value.js'
export { invalidArgument } from './invalid-options-error.js'
export { runFenced } from './internal-errors.js'
export type { InternalErrorListener } from './internal-errors.js'
