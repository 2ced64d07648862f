/**
 * The errors that users of the library meet, one class per code of the table in `error-codes.ts`. What they share is
 * in `breakwater-error.ts`; the error for bad options has a file of its own.
 */
import { BreakwaterError, defineErrorClass } from './breakwater-error.js'
import type { BreakwaterErrorJson, BreakwaterErrorOptions } from './breakwater-error.js'
import { describeError } from './describe-value.js'
import { ERROR_CODES } from './error-codes.js'
import type { ErrorCode } from './error-codes.js'

export { BreakwaterError, defineErrorClass, isBreakwaterError } from './breakwater-error.js'
export type { BreakwaterErrorJson, BreakwaterErrorOptions } from './breakwater-error.js'
export { ERROR_CODES } from './error-codes.js'
export type { ErrorCode } from './error-codes.js'
export { InvalidOptionsError } from './invalid-options-error.js'
export type { OptionIssue } from './invalid-options-error.js'

/** Why a bulkhead refused: no slot (and no queue), queue full, or waited in the queue for too long. */
export type BulkheadFullReason = 'concurrency' | 'queue_full' | 'queue_timeout'

/**
 * The breaker said no. `retryAfterMs` is the time to the next trial.
 *
 * @example
 * ```ts
 * import { CircuitOpenError } from '@breakwater/kernel'
 *
 * let nextTrialInMs = 4_200
 * const error = new CircuitOpenError('users: circuit is open', { retryAfterMs: () => nextTrialInMs })
 * nextTrialInMs = 1_200
 * console.log(error.status, error.retryAfterMs, error.headers) // 503 1200 { 'retry-after': '2' }
 * ```
 */
export class CircuitOpenError extends BreakwaterError {
  static override readonly code: string = 'ERR_CIRCUIT_OPEN' satisfies ErrorCode
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'CircuitOpenError', ERROR_CODES.ERR_CIRCUIT_OPEN.status)
  }
  declare readonly code: 'ERR_CIRCUIT_OPEN'
}

/** The time for one attempt is over. */
export class CallTimeoutError extends BreakwaterError {
  static override readonly code: string = 'ERR_TIMEOUT' satisfies ErrorCode
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'CallTimeoutError', ERROR_CODES.ERR_TIMEOUT.status)
  }
  declare readonly code: 'ERR_TIMEOUT'
}

/** The time for the whole call is over, perhaps before its first attempt. */
export class DeadlineExceededError extends BreakwaterError {
  static override readonly code: string = 'ERR_DEADLINE_EXCEEDED' satisfies ErrorCode
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'DeadlineExceededError', ERROR_CODES.ERR_DEADLINE_EXCEEDED.status)
  }
  declare readonly code: 'ERR_DEADLINE_EXCEEDED'
}

/**
 * No slot in the bulkhead; `reason` says which limit was met.
 *
 * @example
 * ```ts
 * import { BulkheadFullError } from '@breakwater/kernel'
 *
 * const error = new BulkheadFullError('users: 100 calls run, 10 wait', { reason: 'queue_full' })
 * console.log(error.code, error.reason) // ERR_BULKHEAD_FULL queue_full
 * ```
 */
export class BulkheadFullError extends BreakwaterError {
  static override readonly code: string = 'ERR_BULKHEAD_FULL' satisfies ErrorCode
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'BulkheadFullError', ERROR_CODES.ERR_BULKHEAD_FULL.status)
  }
  declare readonly code: 'ERR_BULKHEAD_FULL'
  readonly reason: BulkheadFullReason

  constructor(
    message: string,
    options: BreakwaterErrorOptions & { readonly reason?: BulkheadFullReason } = {},
  ) {
    super(message, options)
    this.reason = options.reason ?? 'concurrency'
  }

  override toJSON(): BreakwaterErrorJson {
    return { ...super.toJSON(), reason: this.reason }
  }
}

/** The rate limiter had no token. */
export class RateLimitedError extends BreakwaterError {
  static override readonly code: string = 'ERR_RATE_LIMITED' satisfies ErrorCode
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'RateLimitedError', ERROR_CODES.ERR_RATE_LIMITED.status)
  }
  declare readonly code: 'ERR_RATE_LIMITED'
}

/** Another attempt of the same call answered first: the reason of the signal of each one that lost. */
export class HedgeLostError extends BreakwaterError {
  static override readonly code: string = 'ERR_HEDGE_LOST' satisfies ErrorCode
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'HedgeLostError', ERROR_CODES.ERR_HEDGE_LOST.status)
  }
  declare readonly code: 'ERR_HEDGE_LOST'
}

/** The balancer has no instance to call. */
export class NoInstancesError extends BreakwaterError {
  static override readonly code: string = 'ERR_NO_INSTANCES' satisfies ErrorCode
  static {
    defineErrorClass(this, 'NoInstancesError', ERROR_CODES.ERR_NO_INSTANCES.status)
  }
  declare readonly code: 'ERR_NO_INSTANCES'
}

/**
 * A registry of services could not be reached, refused, or said something that cannot be used. The code always says more:
 * `ERR_REGISTRY_` and a word.
 *
 * @example
 * ```ts
 * import { RegistryError } from '@breakwater/kernel'
 *
 * const error = new RegistryError('no server answered', { code: 'ERR_REGISTRY_NO_SERVER' })
 * console.log(error.code, error.status) // ERR_REGISTRY_NO_SERVER 502
 * ```
 */
export class RegistryError extends BreakwaterError {
  static override readonly code: string = 'ERR_REGISTRY' satisfies ErrorCode
  static {
    defineErrorClass(this, 'RegistryError', ERROR_CODES.ERR_REGISTRY.status)
  }
  /** The HTTP status that the registry answered with, where that is the trouble. */
  readonly answered: number | undefined

  constructor(
    message: string,
    options: BreakwaterErrorOptions & { readonly answered?: number | undefined } = {},
  ) {
    super(message, options)
    this.answered = options.answered
  }
}

/**
 * The call failed (`cause`) and so did the last fallback (`fallbackError`).
 *
 * @example
 * ```ts
 * import { FallbackFailedError } from '@breakwater/kernel'
 *
 * const cause = new Error('reset')
 * const error = new FallbackFailedError('users: no fallback left', { cause, fallbackError: new Error('cache is empty') })
 * console.log(error.toJSON().fallbackError) // { name: 'Error', message: 'cache is empty' }
 * ```
 */
export class FallbackFailedError extends BreakwaterError {
  static override readonly code: string = 'ERR_FALLBACK_FAILED' satisfies ErrorCode
  static {
    defineErrorClass(this, 'FallbackFailedError', ERROR_CODES.ERR_FALLBACK_FAILED.status)
  }
  declare readonly code: 'ERR_FALLBACK_FAILED'
  readonly fallbackError: unknown

  constructor(message: string, options: BreakwaterErrorOptions & { readonly fallbackError?: unknown } = {}) {
    super(message, options)
    this.fallbackError = options.fallbackError
  }

  override toJSON(): BreakwaterErrorJson {
    return { ...super.toJSON(), fallbackError: describeError(this.fallbackError) }
  }
}

/**
 * The work behind a cache asked, itself or by way of other cached work, for its own answer.
 *
 * @example
 * ```ts
 * import { CircularWaitError, RequestCache } from '@breakwater/fallback'
 *
 * const cache = new RequestCache({ scope: 'process' })
 * const circular = cache.load('ann', () => cache.load('ann', () => 42))
 * console.log(await circular.catch((error) => error instanceof CircularWaitError)) // true
 * ```
 */
export class CircularWaitError extends BreakwaterError {
  static override readonly code: string = 'ERR_CIRCULAR_WAIT' satisfies ErrorCode
  static {
    defineErrorClass(this, 'CircularWaitError', ERROR_CODES.ERR_CIRCULAR_WAIT.status)
  }
  declare readonly code: 'ERR_CIRCULAR_WAIT'
}
