/**
 * What an answer or a failure means: for the service as a whole, for the instance that gave it, and for another attempt.
 */
import type { FailureClass } from './failure-class.js'

/** How an answer counts. */
export type Verdict = 'success' | 'failure' | 'ignored'

/** Too Many Requests: the service is there, and has too much to do. */
const TOO_MANY = 429
/** Not Implemented and HTTP Version Not Supported will be answered again. */
const HOPELESS: readonly number[] = [501, 505]
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]
const GATEWAY: readonly number[] = [502, 503, 504]

/** Server errors and overload are failures, everything else is an answer. */
export function verdictOfStatus(status: number): Verdict {
  return status >= 500 || status === TOO_MANY ? 'failure' : 'success'
}

/** Whether the same request may be answered better a moment later. */
export function isPassingStatus(status: number): boolean {
  return status === TOO_MANY || (status >= 500 && !HOPELESS.includes(status))
}

/** Whether `fetch` goes on to where the answer says, if it says so. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.includes(status)
}

/** Whom a failing answer speaks against. */
export function originOfStatus(status: number): 'answer' | 'gateway' | 'throttled' {
  if (status === TOO_MANY) return 'throttled'
  return GATEWAY.includes(status) ? 'gateway' : 'answer'
}

/** What may be done with a request. */
export interface Repeatable {
  /** Doing it twice has the effect of doing it once. */
  readonly isIdempotent: boolean
  /** Its body can be sent again. */
  readonly isReplayable: boolean
}

/** Whether another attempt can do no harm. */
export function isSafeToRepeat(request: Repeatable, failureClass: FailureClass): boolean {
  return request.isReplayable && (request.isIdempotent || failureClass !== 'maybe-processed')
}
