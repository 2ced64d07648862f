/** The errors that policies see of attempts, made of what is known about each. */
import { Readable } from 'node:stream'
import { DeadlineExceededError } from '@breakwater/kernel'
import type { FailedOutcome } from '@breakwater/kernel'
import { isPassingStatus, isSafeToRepeat } from '../core/verdict.js'
import type { Exchange } from '../wire/exchange.js'
import { AttemptFailedError } from './attempt-failed-error.js'
import type { HttpCall } from './http-call.js'

/** Failures of nobody's making: they are not tried again. */
const FINAL = { mayRetry: false, isImmediate: false } as const

/** What undici does not send as it was asked for: nobody else would take it either, and it speaks against nobody. */
const MISTAKES: ReadonlySet<unknown> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  // A part of a body that is neither text nor bytes.
  'ERR_INVALID_ARG_TYPE',
])

/** Whether a failure is the end of the request rather than of this attempt. */
function isEnd(call: HttpCall, { failureKind }: Exchange, error: Error): boolean {
  const isOver =
    failureKind === 'aborted' || failureKind === 'limit' || error instanceof DeadlineExceededError
  return isOver || isLast(call) || isMistake(call, error)
}

/** Whether the connections for another attempt are closed. */
function isLast({ service, outlet }: HttpCall): boolean {
  return service.isClosed && outlet === undefined
}

/** Whether it never left, so that it may go elsewhere at once. What took too long may be too much for others, too. */
export function mayMoveOn(call: HttpCall, exchange: Exchange, error: Error): boolean {
  const { failureClass, failureKind } = exchange
  if (failureClass !== 'never-sent' || failureKind === 'timeout' || isEnd(call, exchange, error)) return false
  // What our own queues refused undici did not see: a stream is as it was.
  return failureKind === 'rejected' || call.isReplayable
}

// Of the caller: nobody else could help it.
function isMistake({ callersError, options }: HttpCall, error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException
  if (error === callersError || MISTAKES.has(code)) return true
  const { body, path, query } = options
  // Streams that were closed too soon, and a query beside that of the path, for which undici has no error of its own.
  return (code === 'UND_ERR_ABORTED' && body instanceof Readable && body.destroyed) || hasTwo(path, query)
}

function hasTwo(path: string, query: unknown): boolean {
  return Boolean(query) && /[?#]/.test(path)
}

/** The answer is a failure. */
export function answerFailure(call: HttpCall, exchange: Exchange): AttemptFailedError {
  const { service, deadline } = call
  const { statusCode: answered } = exchange
  const hint = service.hintOf(exchange)
  const isPassing = isPassingStatus(answered) && hint !== 'never' && !isLast(call)
  return new AttemptFailedError(`${service.name} answered ${String(answered)}`, {
    cause: undefined,
    answered,
    failureClass: 'maybe-processed',
    mayRetry: isPassing && isSafeToRepeat(call, 'maybe-processed'),
    isImmediate: false,
    deadline,
    retryAfterMs: hint === 'never' ? undefined : hint,
  })
}

/** No answer came. */
export function transportFailure(call: HttpCall, exchange: Exchange, cause: Error): AttemptFailedError {
  const { failureClass, failureKind } = exchange
  const isOver = isEnd(call, exchange, cause)
  return new AttemptFailedError(`${call.service.name}: ${cause.message}`, {
    cause,
    failureClass,
    failureKind,
    mayRetry: !isOver && isSafeToRepeat(call, failureClass),
    isImmediate: failureClass === 'never-sent' && !isOver && call.hasOthers,
    deadline: call.deadline,
    endedAs: outcomeOf(call, exchange, cause),
  })
}

/** The answer had begun. */
export function bodyFailure(call: HttpCall, exchange: Exchange, cause: Error): AttemptFailedError {
  const { failureClass, failureKind } = exchange
  const endedAs = outcomeOf(call, exchange, cause)
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

/** What an attempt that broke off says of its instance, and of the service. */
export function outcomeOf(call: HttpCall, exchange: Exchange, error: Error): FailedOutcome['kind'] {
  if (exchange.failureKind === 'rejected') return 'rejected'
  // How large an answer is depends on what was asked for.
  if (exchange.failureKind === 'limit' || isMistake(call, error)) return 'ignored'
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
