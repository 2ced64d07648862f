/** What policies see of an attempt that failed; callers see what is behind it: the answer, or the transport's own error. */
import { BreakwaterError, defineErrorClass, ENDED_AS, isError } from '@breakwater/kernel'
import type { FailedOutcome } from '@breakwater/kernel'
import type { FailureClass } from '../core/failure-class.js'
import type { FailureKind } from '../wire/exchange.js'

export interface AttemptFailure {
  readonly cause: unknown
  /** The status that was answered, where that is the failure. */
  readonly answered?: number | undefined
  readonly failureClass: FailureClass
  readonly failureKind?: FailureKind | undefined
  /** Whether another attempt may be made. */
  readonly mayRetry: boolean
  /** Whether it need not wait: somebody else can be asked. */
  readonly isImmediate: boolean
  /** When the whole request has to have ended; `Infinity` without a limit. */
  readonly deadline: number
  readonly retryAfterMs?: number | undefined
  /** As what it counts. Default `failure`. */
  readonly endedAs?: FailedOutcome['kind'] | undefined
}

/**
 * One attempt of a request failed. Retries, breakers and fallbacks are told so; `client.fetch` and the others give their callers
 * the answer itself, or the error in `cause`.
 */
export class AttemptFailedError extends BreakwaterError {
  static override readonly code: string = 'ERR_ATTEMPT_FAILED'
  static override readonly capturesStack: boolean = false
  static {
    defineErrorClass(this, 'AttemptFailedError', 502)
  }
  /** The status that was answered; absent where there was no answer. */
  readonly answered: number | undefined
  /** How far the request got. */
  readonly failureClass: FailureClass
  readonly failureKind: FailureKind | undefined
  /** @internal */
  readonly mayRetry: boolean
  /** @internal */
  readonly isImmediate: boolean
  /** @internal */
  readonly deadline: number

  constructor(message: string, failure: AttemptFailure) {
    const { cause, retryAfterMs } = failure
    super(message, { cause, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
    this.answered = failure.answered
    this.failureClass = failure.failureClass
    this.failureKind = failure.failureKind
    this.mayRetry = failure.mayRetry
    this.isImmediate = failure.isImmediate
    this.deadline = failure.deadline
    Object.defineProperty(this, ENDED_AS, { value: failure.endedAs ?? 'failure' })
  }
}

/** What callers see of an attempt that failed. */
export function causeOf(error: unknown): Error {
  const cause = error instanceof AttemptFailedError ? error.cause : error
  return isError(cause) ? cause : new Error(textOf(cause), { cause })
}

// Callers abort with anything, be it an object that cannot be made a text.
function textOf(cause: unknown): string {
  try {
    return String(cause)
  } catch {
    return 'ended without an error'
  }
}
