/**
 * The last stage of a call that failed: the fallback, in the caller's async context, within the caller's budget.
 */
import { BulkheadFullError, FallbackFailedError } from '../errors.js'
import type { FallbackOutcome } from '../instrument.js'
import type { FailedOutcome, FallbackCause } from '../outcome.js'
import { AnswerCall } from './answer-call.js'
import { runIn } from './caller-context.js'
import type { Ending } from './exit.js'
import type { FallbackPart } from './stage.js'

/** Asks the fallback, if it is there for this end, and settles the call with what comes of it. */
export function askFallback(
  ending: Ending,
  fallback: FallbackPart,
  outcome: FailedOutcome,
  policy: string | undefined,
): void {
  const { kind, error } = outcome
  const cause: FallbackCause = { kind, error, policy, attempt: ending.lastAttempt }
  const applies = fallback.applies(cause)
  // The question was foreign code, which may have aborted the call.
  if (ending.isDone) return
  if (!applies) {
    ending.settle(outcome, policy)
    return
  }
  const { invocation } = ending
  const call = new AnswerCall(invocation, cause)
  invocation.answersWith(call)
  // A timer runs in the context of whoever set it; everything else that ends an attempt is in the caller's already.
  const byTimer = kind === 'timeout' || policy === 'rate-limiter'
  runIn(byTimer ? invocation.context : null, answer, undefined, call, fallback)
}

/** What a fallback that failed counts as. */
export function failedAnswer(error: unknown): FallbackOutcome {
  const refused = error instanceof FallbackFailedError && error.fallbackError instanceof BulkheadFullError
  return refused ? 'rejected' : 'failure'
}

function answer(call: AnswerCall, fallback: FallbackPart): void {
  let value: unknown
  try {
    value = fallback.answer(call.cause, call, call.invocation.input)
  } catch (error) {
    failed(call, error)
    return
  }
  if (value instanceof Promise) awaitAnswer(call, value)
  else answered(call, value)
}

function awaitAnswer(call: AnswerCall, promise: Promise<unknown>): void {
  promise.then(
    (value: unknown) => answered(call, value),
    (error: unknown) => failed(call, error),
  )
  call.invocation.limitAnswer()
}

function answered({ invocation }: AnswerCall, value: unknown): void {
  invocation.runner.meter?.answered('success')
  invocation.settle({ kind: 'success', value })
}

function failed({ invocation, cause }: AnswerCall, error: unknown): void {
  invocation.runner.meter?.answered(failedAnswer(error))
  invocation.settle({ kind: cause.kind, error }, cause.policy)
}
