/**
 * The way of a call that an open breaker refuses: no record, and a fallback that answers at once costs no more than its
 * answer.
 */
import type { BreakwaterError } from '../errors.js'
import type { FallbackCause } from '../outcome.js'
import { failedAnswer } from './answering.js'
import { PlainCall } from './plain-call.js'
import type { Runner } from './runner.js'
import type { BreakerPart, FallbackPart, MeterPart } from './stage.js'

/** What a call that an open breaker refuses gets; `undefined` when the call has to ask like any other. */
export function shortCircuit(
  runner: Runner,
  breaker: BreakerPart,
  input: unknown,
): Promise<unknown> | undefined {
  const { fallback, meter } = runner
  if (runner.guards !== null || runner.retry !== null) return undefined
  runner.tick()
  const error = breaker.refuse(runner.lastRead)
  if (error === undefined) return undefined
  if (meter !== null) {
    meter.started()
    meter.ended({ kind: 'rejected', error }, 'breaker', undefined)
  }
  if (fallback !== null) {
    const cause = runner.refusalCause.error === error ? runner.refusalCause : newCause(runner, error)
    if (fallback.applies(cause)) return answerAtOnce(runner, fallback, cause, input)
  }
  if (meter !== null) {
    if (fallback === null) meter.answered('missing')
    meter.threw()
  }
  return breaker.refusal.then()
}

// All calls that are refused with the same error fail for the same cause.
function newCause(runner: Runner, error: BreakwaterError): FallbackCause {
  runner.refusalCause = Object.freeze({ kind: 'rejected', error, policy: 'breaker', attempt: 1 })
  return runner.refusalCause
}

function answerAtOnce(
  runner: Runner,
  fallback: FallbackPart,
  cause: FallbackCause,
  input: unknown,
): Promise<unknown> {
  const { meter } = runner
  let answer: unknown
  try {
    answer = fallback.answer(cause, new PlainCall(runner.name), input)
  } catch (error) {
    answer = Promise.reject(error)
  }
  if (meter !== null) {
    if (answer instanceof Promise) return countAnswer(answer, meter)
    meter.answered('success')
  }
  return Promise.resolve(answer)
}

function countAnswer(promise: Promise<unknown>, meter: MeterPart): Promise<unknown> {
  return promise.then(
    (value: unknown) => {
      meter.answered('success')
      return value
    },
    (error: unknown) => {
      meter.answered(failedAnswer(error))
      meter.threw()
      throw error
    },
  )
}
