/** The errors that policies see of attempts, made of what is known about each. */
import { DeadlineExceededError } from '@breakwater/kernel'
import type { FailedOutcome, OutcomeKind } from '@breakwater/kernel'
import { isPassingStatus, isSafeToRepeat } from '../core/verdict.js'
import type { Exchange } from '../wire/exchange.js'
import { AttemptFailedError } from './attempt-failed-error.js'
import type { HttpCall } from './http-call.js'

/** Failures of nobody's making: they are not tried again. */
const FINAL = { mayRetry: false, isImmediate: false } as const

/** Whether a failure is the end of the request rather than of this attempt. */
export function isEnd({ failureKind }: Exchange, error: Error): boolean {
  return failureKind === 'aborted' || failureKind === 'limit' || error instanceof DeadlineExceededError
}

/** The answer is a failure. */
export function answerFailure(call: HttpCall, exchange: Exchange): AttemptFailedError {
  const { service, deadline } = call
  const { statusCode: answered } = exchange
  const hint = service.hintOf(exchange)
  return new AttemptFailedError(`${service.name} answered ${String(answered)}`, {
    cause: undefined,
    answered,
    failureClass: 'maybe-processed',
    mayRetry: isPassingStatus(answered) && hint !== 'never' && isSafeToRepeat(call, 'maybe-processed'),
    isImmediate: false,
    deadline,
    retryAfterMs: hint === 'never' ? undefined : hint,
  })
}

/** No answer came. */
export function transportFailure(call: HttpCall, exchange: Exchange, cause: Error): AttemptFailedError {
  const { failureClass, failureKind } = exchange
  const isOver = isEnd(exchange, cause)
  return new AttemptFailedError(`${call.service.name}: ${cause.message}`, {
    cause,
    failureClass,
    failureKind,
    mayRetry: !isOver && isSafeToRepeat(call, failureClass),
    isImmediate: failureClass === 'never-sent' && !isOver && call.hasOthers,
    deadline: call.deadline,
    endedAs: failureKind === 'rejected' ? 'ignored' : failureKind === 'timeout' ? 'timeout' : 'failure',
  })
}

/** The answer had begun. */
export function bodyFailure(call: HttpCall, exchange: Exchange, cause: Error): AttemptFailedError {
  const { failureClass, failureKind } = exchange
  const endedAs = isLate(exchange, cause) ? 'timeout' : failureKind === 'limit' ? 'ignored' : 'failure'
  const { service, deadline } = call
  return new AttemptFailedError(`${service.name}: ${cause.message}`, {
    ...FINAL,
    cause,
    failureClass,
    failureKind,
    deadline,
    endedAs,
  })
}

/** Whether an answer took too long. */
function isLate({ failureKind }: Exchange, error: Error): boolean {
  return failureKind === 'timeout' || error instanceof DeadlineExceededError
}

/** What an attempt that broke off says of its instance. */
export function outcomeOf(exchange: Exchange, error: Error): OutcomeKind {
  if (exchange.failureKind === 'rejected') return 'rejected'
  return isLate(exchange, error) ? 'timeout' : 'failure'
}

/** The request ended before its attempts had. */
export function endFailure(call: HttpCall, cause: Error, endedAs: FailedOutcome['kind']): AttemptFailedError {
  const { service, deadline } = call
  const message = `${service.name}: ${cause.message}`
  return new AttemptFailedError(message, {
    ...FINAL,
    cause,
    endedAs,
    deadline,
    failureClass: 'maybe-processed',
  })
}

/** The whole time is over. */
export function timeIsUp(call: HttpCall): AttemptFailedError {
  const message = `the budget of ${String(call.budgetMs)} ms for the whole request is used up`
  return endFailure(call, new DeadlineExceededError(message), 'timeout')
}
