/**
 * The errors that the library itself throws. All share one base with a stable `code`, the shape that Express, Koa,
 * Fastify and http-errors expect (`status`, `expose`, `headers`), and a brand from the global symbol registry, so that
 * `instanceof` also agrees between the ESM and the CommonJS copy of this package in one process.
 *
 * Rejections are thrown in great numbers exactly when a service is in trouble, therefore they capture no stack unless
 * asked to: the stack would show our own code, and capturing costs more than the rest of the rejection together.
 */
import { describeError } from './describe-value.js'

/** What every error constructor takes after the message. */
export interface BreakwaterErrorOptions {
  /** The error or value that led to this one. */
  readonly cause?: unknown
  /**
   * Milliseconds after which another try makes sense: a number, or a function that is asked at each read (for an error
   * object that is shared while the time runs down). Reads give a whole number ≥ 0, rounded up; not finite means unknown.
   */
  readonly retryAfterMs?: number | (() => number) | undefined
  /** Capture a stack trace. Default: `false` for rejections, `true` for the others. */
  readonly stack?: boolean | undefined
  /** Replaces the code of the class. */
  readonly code?: string | undefined
}

/** What `toJSON()` returns: enough for a log line, nothing of the cause but its name and message. */
export interface BreakwaterErrorJson {
  readonly name: string
  readonly code: string
  readonly message: string
  readonly status: number
  readonly retryAfterMs?: number
  readonly reason?: string
  readonly issues?: readonly { readonly path: string; readonly received: string; readonly expected: string }[]
  readonly cause?: { readonly name: string; readonly message: string }
  readonly fallbackError?: { readonly name: string; readonly message: string }
}

const BRAND: symbol = Symbol.for('breakwater.error@1')

/**
 * Base of all errors of the library. To make a class of your own, extend it, give it a static `code` and call
 * {@link defineErrorClass}. A class owns its code and all that continue it after an underscore: this is what
 * `instanceof` looks at when the object comes from another copy of the library.
 *
 * @example
 * ```ts
 * import { BreakwaterError } from '@breakwater/kernel'
 *
 * const error = new BreakwaterError('no answer', { code: 'ERR_NO_ANSWER', retryAfterMs: 2_500 })
 * console.log(error.headers) // { 'retry-after': '3' }
 * ```
 */
export class BreakwaterError extends Error {
  /** The code that instances carry unless the constructor was given another. */
  static readonly code: string = 'ERR_BREAKWATER'
  /** Whether the constructor captures a stack when `options.stack` is absent. */
  static readonly capturesStack: boolean = true

  static {
    Object.defineProperty(this.prototype, BRAND, { value: true })
    defineErrorClass(this, 'BreakwaterError', 500)
  }

  /** Stable, for programs: `ERR_…`. */
  readonly code: string
  /** Milliseconds until another try makes sense; a whole number ≥ 0, absent when unknown. */
  declare retryAfterMs?: number
  /** HTTP status for a server that lets this error reach its edge. */
  declare status: number
  /** Same as `status`; http-errors has both. */
  declare statusCode: number
  /** Whether `message` may be shown to a remote client: only for a status below 500. */
  declare expose: boolean

  constructor(message: string, options: BreakwaterErrorOptions = {}) {
    const text = String(message)
    const init = 'cause' in options ? { cause: options.cause } : undefined
    if (options.stack ?? new.target.capturesStack) {
      super(text, init)
    } else {
      const limit = Error.stackTraceLimit
      setStackTraceLimit(0)
      super(text, init)
      setStackTraceLimit(limit)
    }
    this.code = options.code ?? new.target.code
    if (options.retryAfterMs !== undefined) defineRetryAfter(this, options.retryAfterMs)
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true
    if (!Object.hasOwn(this, 'code') || !isBreakwaterError(value)) return false
    return this === BreakwaterError || value.code === this.code || value.code.startsWith(`${this.code}_`)
  }

  /** Response headers: `retry-after` in whole seconds, rounded up, when `retryAfterMs` is known. */
  get headers(): Record<string, string> | undefined {
    const { retryAfterMs } = this
    return retryAfterMs === undefined ? undefined : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }
  }

  // Frameworks assign `err.headers`, which must not throw in strict mode.
  set headers(headers: Record<string, string> | undefined) {
    Object.defineProperty(this, 'headers', { value: headers, writable: true, enumerable: true })
  }

  /** A plain object for logs. */
  toJSON(): BreakwaterErrorJson {
    const { name, code, message, status, retryAfterMs } = this
    return {
      name,
      code,
      message,
      status,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(this.cause === undefined ? {} : { cause: describeError(this.cause) }),
    }
  }
}

/**
 * Whether `value` is an error of this library, from whichever copy of it in the process. Never throws.
 *
 * @example
 * ```ts
 * import { CircuitOpenError, isBreakwaterError } from '@breakwater/kernel'
 *
 * console.log(isBreakwaterError(new CircuitOpenError('users is open'))) // true
 * console.log(isBreakwaterError(new Error('boom'))) // false
 * ```
 */
export function isBreakwaterError(value: unknown): value is BreakwaterError {
  if (typeof value !== 'object' || value === null) return false
  try {
    return Reflect.get(value, BRAND) === true && typeof Reflect.get(value, 'code') === 'string'
  } catch {
    return false
  }
}

/**
 * Gives a class of errors its `name` and HTTP status. They live on the prototype, so they cost nothing per error, and
 * are writable, because middlewares assign them.
 *
 * @example
 * ```ts
 * import { BreakwaterError, defineErrorClass } from '@breakwater/kernel'
 *
 * class QuotaError extends BreakwaterError {
 *   static override readonly code: string = 'ERR_QUOTA'
 *   static {
 *     defineErrorClass(this, 'QuotaError', 429)
 *   }
 * }
 * console.log(new QuotaError('100 of 100 used').toJSON().status) // 429
 * ```
 */
export function defineErrorClass(
  errorClass: { readonly prototype: Error },
  name: string,
  status: number,
): void {
  const shared = { name, status, statusCode: status, expose: status < 500 }
  for (const [key, value] of Object.entries(shared)) {
    Object.defineProperty(errorClass.prototype, key, { value, writable: true })
  }
}

function setStackTraceLimit(limit: number): void {
  try {
    Error.stackTraceLimit = limit
  } catch {
    // `Error` is frozen (hardened realms): the stack is captured then, which costs time and nothing else.
  }
}

function defineRetryAfter(error: BreakwaterError, retryAfterMs: number | (() => number)): void {
  if (typeof retryAfterMs === 'number') {
    const whole = wholeMs(retryAfterMs)
    if (whole !== undefined) error.retryAfterMs = whole
    return
  }
  Object.defineProperty(error, 'retryAfterMs', {
    get: () => readLive(retryAfterMs),
    set: (value: unknown) => {
      Object.defineProperty(error, 'retryAfterMs', { value, writable: true })
    },
    enumerable: true,
    configurable: true,
  })
}

function readLive(read: () => number): number | undefined {
  try {
    return wholeMs(read())
  } catch {
    return undefined
  }
}

function wholeMs(ms: number): number | undefined {
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : undefined
}
