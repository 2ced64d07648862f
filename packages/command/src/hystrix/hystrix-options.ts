/**
 * The options of a command of the preset `hystrix`.
 */
import type { CircuitBreaker } from '@breakwater/breaker'
import type { CacheKey, Call, Clock, FallbackCause, Random, Runtime } from '@breakwater/kernel'
import type { Same } from '../command-options.js'
import type { HystrixCompat } from './core/line.js'
import type { CommandPropertyValues, ThreadPoolPropertyValues } from './core/property-table.js'
import type { HystrixHooks, HystrixNotifier } from './hooks.js'

/** The options that can be changed while the command works. */
export interface HystrixTuning {
  /** Shorthand for `execution.isolation.thread.timeoutInMilliseconds`; `false` for `execution.timeout.enabled: false`. */
  readonly timeoutMs?: number | false | undefined
  /** Shorthand for `fallback.isolation.semaphore.maxConcurrentRequests`. */
  readonly fallbackLimit?: number | undefined
  /** Properties by their name in Hystrix, without `hystrix.command.<key>.`; those that Hystrix reads once cannot be changed. */
  readonly properties?: Partial<CommandPropertyValues> | undefined
  /** Those of its thread pool, without `hystrix.threadpool.<key>.`. */
  readonly threadPool?: Partial<ThreadPoolPropertyValues> | undefined
}

/** What commands of the preset have in common, whether they answer once or with a stream. */
export interface HystrixCommonOptions extends HystrixTuning {
  /** What it is called: 1 to 256 characters. Commands of one name in one runtime share properties, breaker and numbers. */
  readonly name: string
  /** What it belongs to, and its thread pool, unless `pool` is given. Default: the name. */
  readonly group?: string | undefined
  readonly preset: 'hystrix'
  /** The thread pool, shared by all commands that give the same. Default: the group. */
  readonly pool?: string | undefined
  /** Match one version of Hystrix exactly, its defects too. Default: our own semantics. */
  readonly compat?: HystrixCompat | undefined
  /** A breaker to share, or `false` for `circuitBreaker.enabled: false`. */
  readonly breaker?: CircuitBreaker | false | undefined
  /** Errors that are the caller's fault, as `HystrixBadRequestError` is. A throw is reported and means no. */
  readonly ignore?: ((error: unknown) => boolean) | undefined
  /** Errors that the caller gets as they are, instead of in a `HystrixRuntimeError` (Hystrix: `ExceptionNotWrappedByHystrix`). */
  readonly notWrapped?: ((error: unknown) => boolean) | undefined
  /** Errors after which no fallback is asked. Default: an overflow of the stack. */
  readonly unrecoverable?: ((error: unknown) => boolean) | undefined
  readonly hooks?: HystrixHooks | undefined
  readonly notifier?: HystrixNotifier | undefined
  readonly runtime?: Runtime | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** The options of a command of the preset `hystrix`. */
export interface HystrixCommandOptions<A extends unknown[], R, F = never> extends HystrixCommonOptions {
  /** The work. */
  readonly run: (call: Call, ...args: A) => R | PromiseLike<R>
  /** Answers instead. Write it after `run`. */
  readonly fallback?: ((cause: FallbackCause, ...args: Same<A>) => F | PromiseLike<F>) | undefined
  /** Executions of one request with equal keys share one run; `undefined`: not this one. Keys are as in `RequestCache`. */
  readonly cacheKey?: ((...args: Same<A>) => CacheKey) | undefined
}
