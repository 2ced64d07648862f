/**
 * Every error code of the kernel in one table: what it means and what the reader of a log should do about it.
 * The documentation pages and the error classes are both made from it, so they cannot disagree.
 */

/** The codes of the errors that the kernel defines; other packages add their own. */
export type ErrorCode =
  | 'ERR_CIRCUIT_OPEN'
  | 'ERR_TIMEOUT'
  | 'ERR_DEADLINE_EXCEEDED'
  | 'ERR_BULKHEAD_FULL'
  | 'ERR_RATE_LIMITED'
  | 'ERR_NO_INSTANCES'
  | 'ERR_REGISTRY'
  | 'ERR_FALLBACK_FAILED'
  | 'ERR_REQUEST_SCOPE'
  | 'ERR_HEDGE_LOST'
  | 'ERR_CIRCULAR_WAIT'
  | 'ERR_INVALID_OPTIONS'

/** One row of the table. */
export interface ErrorCodeInfo {
  /** The HTTP status that a server should answer with when this error reaches its edge. */
  readonly status: number
  /** What happened. */
  readonly meaning: string
  /** What to do about it. */
  readonly whatToDo: string
}

/**
 * Code → status, meaning and advice.
 *
 * @example
 * ```ts
 * import { ERROR_CODES } from '@breakwater/kernel'
 *
 * console.log(ERROR_CODES.ERR_TIMEOUT.status) // 504
 * ```
 */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorCodeInfo>> = Object.freeze({
  ERR_CIRCUIT_OPEN: row(
    503,
    'The circuit breaker is open, or half-open with every probe in use: the dependency failed too often.',
    'Answer from a fallback, or try again after `retryAfterMs`; look at why the dependency fails.',
  ),
  ERR_TIMEOUT: row(
    504,
    'One attempt took longer than its time limit.',
    'Compare the limit with the latency percentiles of the dependency; pass `call.signal` on, so that the work really stops.',
  ),
  ERR_DEADLINE_EXCEEDED: row(
    504,
    'The time allowed for the whole call, with its retries and waits, is over; it may be over before the first attempt.',
    'Raise `budgetMs`, or spend less of it before this call.',
  ),
  ERR_BULKHEAD_FULL: row(
    503,
    'No slot was free and the queue was full, or the wait in the queue took too long; `reason` says which.',
    'Shed load or scale out; raise the limit only if the dependency can bear more calls at once.',
  ),
  ERR_RATE_LIMITED: row(
    503,
    'The rate limiter had no token left.',
    'Try again after `retryAfterMs`, or raise the rate if the dependency allows more.',
  ),
  ERR_NO_INSTANCES: row(
    503,
    'The balancer knows no instance of the service that may be called.',
    'Check that instances are registered and up, and that filters (zone, status, subset) leave some.',
  ),
  ERR_FALLBACK_FAILED: row(
    503,
    'The call failed and every fallback failed too.',
    'Read `cause` for the failure of the call and `fallbackError` for that of the last fallback; make the fallback local.',
  ),
  ERR_REGISTRY: row(
    502,
    'A registry of services could not be reached, refused, or said something that cannot be used; the code goes on to say which, as in `ERR_REGISTRY_TIMEOUT`.',
    'Read `cause`. What was known before stays in use; look at the age of the registry, at its servers and at what stands before them.',
  ),
  ERR_REQUEST_SCOPE: row(
    500,
    'Something that belongs to one request was used outside of any, or after the request had ended; `reason` says which.',
    'Open a scope around each request (`withRequestContext`, or the middleware of your framework), and await within it what belongs to it.',
  ),
  ERR_HEDGE_LOST: row(
    503,
    'Another attempt of the same call answered first. Nobody but the work that lost sees this, as the reason of its signal.',
    'Nothing: stop the work, whose answer nobody needs.',
  ),
  ERR_CIRCULAR_WAIT: row(
    500,
    'The work behind a cache asked, itself or by way of other cached work, for its own answer.',
    'Give what is asked for a key of its own, or call it without the cache.',
  ),
  ERR_INVALID_OPTIONS: row(
    500,
    'A constructor or function got options that it cannot work with.',
    'Correct each entry of `issues`; nothing was constructed or changed.',
  ),
})

function row(status: number, meaning: string, whatToDo: string): ErrorCodeInfo {
  return Object.freeze({ status, meaning, whatToDo })
}
