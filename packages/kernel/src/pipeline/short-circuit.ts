/**
 * The way of a call that an open breaker refuses: no record, and a fallback that answers at once costs no more than its
 * answer.
 */
import type { FallbackCause } from '../outcome.js'
import { failedAnswer } from './answering.js'
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
  const refusal = breaker.refuse(runner.lastRead)
  if (refusal === undefined) return undefined
  if (meter !== null) {
    meter.started()
    meter.ended({ kind: 'rejected', error: refusal.error }, 'breaker', undefined)
  }
  if (fallback !== null && fallback.applies(refusal.cause)) {
    return answerAtOnce(runner, fallback, refusal.cause, input)
  }
  if (meter !== null) {
    if (fallback === null) meter.answered('missing')
    meter.threw()
  }
  return refusal.promise.then()
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
    answer = fallback.answer(cause, runner.refusedCall(), input)
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
