/**
 * What those get who need a request and have none.
 */
import { BreakwaterError, defineErrorClass } from '../breakwater-error.js'
import type { BreakwaterErrorJson, BreakwaterErrorOptions } from '../breakwater-error.js'
import { ERROR_CODES } from '../error-codes.js'
import type { ErrorCode } from '../error-codes.js'

/** `missing`: nothing around the call opened a scope. `ended`: the scope around it is over. */
export type RequestScopeReason = 'missing' | 'ended'

/**
 * Something that belongs to one request was used outside of any, or when the request was over; `reason` says which.
 *
 * @example
 * ```ts
 * import { RequestScopeError, RequestVariable } from '@breakwater/kernel'
 *
 * const user = new RequestVariable({ create: () => 'nobody' })
 * try {
 *   user.get()
 * } catch (error) {
 *   if (error instanceof RequestScopeError) console.log(error.code, error.reason) // ERR_REQUEST_SCOPE missing
 * }
 * ```
 */
export class RequestScopeError extends BreakwaterError {
  static override readonly code: string = 'ERR_REQUEST_SCOPE' satisfies ErrorCode
  static {
    defineErrorClass(this, 'RequestScopeError', ERROR_CODES.ERR_REQUEST_SCOPE.status)
  }
  declare readonly code: 'ERR_REQUEST_SCOPE'
  readonly reason: RequestScopeReason

  constructor(
    message: string,
    options: BreakwaterErrorOptions & { readonly reason?: RequestScopeReason } = {},
  ) {
    super(message, options)
    this.reason = options.reason ?? 'missing'
  }

  override toJSON(): BreakwaterErrorJson {
    return { ...super.toJSON(), reason: this.reason }
  }
}
