/**
 * The last stage of a call that failed: the fallback, in the caller's async context, within the caller's budget.
 */
import { BulkheadFullError, FallbackFailedError } from '../errors.js'
import type { FallbackOutcome } from '../instrument.js'
import type { FallbackCause } from '../outcome.js'
import { AnswerCall } from './answer-call.js'
import type { FailedOutcome, Invocation } from './invocation.js'
import type { FallbackPart } from './stage.js'
import { adopt } from './work.js'

/** How a call came to need a fallback. */
export type Failure = FailedOutcome & { readonly policy: string | undefined }

/** Asks the fallback, if it is there for this failure, and settles the call with what comes of it. */
export function askFallback(invocation: Invocation, fallback: FallbackPart, failure: Failure): void {
  const { kind, error, policy } = failure
  const cause: FallbackCause = { kind, error, policy, attempt: invocation.lastAttempt }
  const applies = fallback.applies(cause)
  // The question was foreign code, which may have aborted the call.
  if (invocation.isDone) return
  if (!applies) {
    invocation.settle({ kind, error }, policy)
    return
  }
  const call = new AnswerCall(invocation, cause.attempt)
  invocation.answersWith(call)
  const asked = { invocation, fallback, cause, call }
  // A timer runs in the context of whoever set it; everything else that ends an attempt is in the caller's already.
  const byTimer = kind === 'timeout' || policy === 'bulkhead'
  if (invocation.context === null || !byTimer) answer(asked)
  else invocation.context.runInAsyncScope(answer, undefined, asked)
}

/** What a fallback that failed counts as. */
export function failedAnswer(error: unknown): FallbackOutcome {
  const refused = error instanceof FallbackFailedError && error.fallbackError instanceof BulkheadFullError
  return refused ? 'rejected' : 'failure'
}

interface Asked {
  readonly invocation: Invocation
  readonly fallback: FallbackPart
  readonly cause: FallbackCause
  readonly call: AnswerCall
}

function answer(asked: Asked): void {
  const { invocation, fallback, cause, call } = asked
  let value: unknown
  let promise: Promise<unknown> | undefined
  try {
    value = fallback.answer(cause, call, invocation.input)
    promise = adopt(value)
  } catch (error) {
    failed(asked, error)
    return
  }
  if (promise === undefined) answered(asked, value)
  else awaitAnswer(asked, promise)
}

function awaitAnswer(asked: Asked, promise: Promise<unknown>): void {
  promise.then(
    (value: unknown) => answered(asked, value),
    (error: unknown) => failed(asked, error),
  )
  asked.invocation.limitAnswer()
}

function answered({ invocation }: Asked, value: unknown): void {
  invocation.runner.meter?.answered('success')
  invocation.settle({ kind: 'success', value })
}

function failed({ invocation, cause }: Asked, error: unknown): void {
  invocation.runner.meter?.answered(failedAnswer(error))
  invocation.settle({ kind: cause.kind, error }, cause.policy)
}
