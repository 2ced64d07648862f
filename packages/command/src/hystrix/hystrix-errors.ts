/**
 * The errors of Hystrix: what the caller of a command sees, and what the work and its fallback may throw to say
 * something about themselves.
 */
import { BreakwaterError, defineErrorClass, isBreakwaterError } from '@breakwater/kernel'
import type { BreakwaterErrorJson, BreakwaterErrorOptions } from '@breakwater/kernel'
import { describeError } from '@breakwater/kernel'

/** Why a command failed, as `HystrixRuntimeException.FailureType` has it. */
export type FailureType =
  | 'COMMAND_EXCEPTION'
  | 'TIMEOUT'
  | 'SHORTCIRCUIT'
  | 'REJECTED_SEMAPHORE_EXECUTION'
  | 'REJECTED_THREAD_EXECUTION'
  | 'REJECTED_SEMAPHORE_FALLBACK'
  | 'BAD_REQUEST_EXCEPTION'

/** What a {@link HystrixRuntimeError} is made of. */
export interface HystrixFailure extends BreakwaterErrorOptions {
  readonly failureType: FailureType
  readonly fallbackError?: unknown
}

/**
 * A command of the preset `hystrix` failed, and no fallback answered. `failureType` says how, `cause` why, and
 * `fallbackError` why the fallback failed, if it did (Hystrix: `HystrixRuntimeException`). Its HTTP status and
 * `retryAfterMs` are those of the cause, when that is one of our errors, and otherwise 503.
 *
 * @example
 * ```ts
 * import { createCommand, HystrixRuntimeError } from '@breakwater/command'
 *
 * const command = createCommand({ name: 'Down', preset: 'hystrix', run: () => Promise.reject(new Error('down')) })
 * const error = await command.execute().catch((thrown: unknown) => thrown)
 * if (error instanceof HystrixRuntimeError) console.log(error.failureType, error.message)
 * // COMMAND_EXCEPTION Down failed and no fallback available.
 * command.dispose()
 * ```
 */
export class HystrixRuntimeError extends BreakwaterError {
  static override readonly code: string = 'ERR_HYSTRIX_RUNTIME'
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'HystrixRuntimeError', 503)
  }
  readonly failureType: FailureType
  readonly fallbackError: unknown

  constructor(message: string, { failureType, fallbackError, ...options }: HystrixFailure) {
    super(message, { retryAfterMs: retryAfterOf(options.cause), ...options })
    this.failureType = failureType
    this.fallbackError = fallbackError
    if (isBreakwaterError(options.cause)) this.status = this.statusCode = options.cause.status
  }

  override toJSON(): BreakwaterErrorJson {
    const json = { ...super.toJSON(), reason: this.failureType }
    return this.fallbackError === undefined
      ? json
      : { ...json, fallbackError: describeError(this.fallbackError) }
  }
}

/**
 * Thrown by the work: the request itself was wrong. It reaches the caller as it is, without a fallback, and says nothing
 * about the health of the dependency (Hystrix: `HystrixBadRequestException`). For errors that are not yours to throw
 * there is the option `ignore`.
 */
export class HystrixBadRequestError extends BreakwaterError {
  static override readonly code: string = 'ERR_HYSTRIX_BAD_REQUEST'
  static {
    defineErrorClass(this, 'HystrixBadRequestError', 400)
  }
}

/**
 * There is no fallback, as Hystrix puts it (`UnsupportedOperationException`): with `compat` it is the `fallbackError` of a
 * command without a fallback, and a fallback that throws it counts as missing.
 */
export class UnsupportedOperationError extends BreakwaterError {
  static override readonly code: string = 'ERR_UNSUPPORTED_OPERATION'
  static {
    defineErrorClass(this, 'UnsupportedOperationError', 501)
  }
}

function retryAfterOf(cause: unknown): (() => number) | undefined {
  if (!isBreakwaterError(cause) || cause.retryAfterMs === undefined) return undefined
  return () => cause.retryAfterMs ?? NaN
}
