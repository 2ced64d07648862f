/** The front door: named commands. */
export { createCommand } from './command.js'
export type { Command, CommandSnapshot, CommandTotals, Executable } from './command-shape.js'
export type { CommandEvents } from './command-events.js'
export type { ExecutionEvents } from './command-meter.js'
export type { CommandOptions, CommandTuning } from './command-options.js'
export { CommandRegistry, OTHER_KEYS } from './command-registry.js'
export type { CommandRegistryOptions } from './command-registry.js'
export type { EventCounts, HystrixEvent } from './hystrix/core/events.js'
export { EVENT_NAMES } from './hystrix/core/events.js'
export type { HystrixCompat } from './hystrix/core/line.js'
export type {
  CollapserPropertyValues,
  CommandPropertyValues,
  IsolationStrategy,
  ThreadPoolPropertyValues,
} from './hystrix/core/property-table.js'
export type { LoggedExecution } from './hystrix/core/request-log.js'
export { RequestLog } from './hystrix/core/request-log.js'
export type { LatencySummary } from './hystrix/core/streams.js'
export type { ExecutionView, HystrixExecution } from './hystrix/execution-view.js'
export type { HystrixHooks, HystrixNotifier, HystrixPlugin } from './hystrix/hooks.js'
export type { HystrixCommand, HystrixExecutable } from './hystrix/hystrix-command.js'
export type { FailureType, HystrixFailure } from './hystrix/hystrix-errors.js'
export {
  HystrixBadRequestError,
  HystrixRuntimeError,
  UnsupportedOperationError,
} from './hystrix/hystrix-errors.js'
export type { HystrixCallOptions, HystrixHealth, HystrixMetrics } from './hystrix/hystrix-home.js'
export type { HystrixCommandOptions, HystrixCommonOptions, HystrixTuning } from './hystrix/hystrix-options.js'
export type { HystrixProperties, HystrixPropertyMap, PropertyChange } from './hystrix/hystrix-properties.js'
export { collapserProperties } from './hystrix/collapser-properties.js'
export { hystrixProperties } from './hystrix/hystrix-properties.js'
export { addHystrixPlugin } from './hystrix/registry.js'
export type { CurrentRequest } from './hystrix/request-context.js'
export { currentRequest } from './hystrix/request-context.js'
export type { ThreadPoolSnapshot } from './hystrix/thread-pool.js'
export type {
  StreamCommand,
  StreamCommandOptions,
  Streamed,
  StreamExecutable,
  StreamExecutionView,
} from './hystrix/stream-command.js'
export { createStreamCommand } from './hystrix/stream-command.js'
/** A request is the same thing for all packages. */
export type { RequestContextOptions } from '@breakwater/kernel'
export { requestBudgetMs, withRequestContext } from '@breakwater/kernel'
