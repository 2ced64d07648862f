/**
 * The errors that the wire level adds to those of the transport, which pass unchanged. None holds more of a request than its
 * method and the origin that it went to.
 */
import { BreakwaterError, defineErrorClass } from '@breakwater/kernel'
import type { BreakwaterErrorOptions } from '@breakwater/kernel'

/**
 * The body of an answer is larger than allowed; reading stopped, and its connection was closed.
 *
 * @example
 * ```ts
 * import { ResponseTooLargeError } from '@breakwater/http'
 *
 * console.log(new ResponseTooLargeError('more than 1024 bytes', { limitBytes: 1_024 }).code) // ERR_RESPONSE_TOO_LARGE
 * ```
 */
export class ResponseTooLargeError extends BreakwaterError {
  static override readonly code: string = 'ERR_RESPONSE_TOO_LARGE'
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'ResponseTooLargeError', 502)
  }
  /** How many bytes were allowed. */
  readonly limitBytes: number

  constructor(message: string, options: BreakwaterErrorOptions & { readonly limitBytes: number }) {
    super(message, options)
    this.limitBytes = options.limitBytes
  }
}

/**
 * The instance left, or the client was closed, before the request was sent: it may be sent elsewhere.
 *
 * @example
 * ```ts
 * import { PoolClosedError } from '@breakwater/http'
 *
 * console.log(new PoolClosedError('http://10.0.0.7:8080 is not used any more').status) // 503
 * ```
 */
export class PoolClosedError extends BreakwaterError {
  static override readonly code: string = 'ERR_POOL_CLOSED'
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'PoolClosedError', 503)
  }
}

/**
 * The address that a connection was made to, or would have been, is not one that may be called. Nothing was sent.
 *
 * @example
 * ```ts
 * import { AddressDeniedError } from '@breakwater/http'
 *
 * const error = new AddressDeniedError('169.254.169.254 may not be called', { address: '169.254.169.254' })
 * console.log(error.code, error.address) // ERR_ADDRESS_DENIED 169.254.169.254
 * ```
 */
export class AddressDeniedError extends BreakwaterError {
  static override readonly code: string = 'ERR_ADDRESS_DENIED'
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'AddressDeniedError', 502)
  }
  /** The address, as numbers; the host name where the connection shows none. */
  readonly address: string

  constructor(message: string, options: BreakwaterErrorOptions & { readonly address: string }) {
    super(message, options)
    this.address = options.address
  }
}
