/**
 * The way of a call that an open breaker refuses: no record, and a fallback that answers at once costs no more than its
 * answer.
 */
import type { FallbackCause } from '../outcome.js'
import { failedAnswer } from './answering.js'
import { PlainCall } from './plain-call.js'
import type { Runner } from './runner.js'
import type { BreakerPart, FallbackPart, MeterPart } from './stage.js'
import { adopt } from './work.js'

/** What a call that an open breaker refuses gets; `undefined` when the call has to ask like any other. */
export function shortCircuit(
  runner: Runner,
  breaker: BreakerPart,
  input: unknown,
): Promise<unknown> | undefined {
  const { fallback, meter } = runner
  if (runner.guards !== null || runner.retry !== null) return undefined
  const error = breaker.refuse(runner.tick() ?? runner.lastRead)
  if (error === undefined) return undefined
  if (meter !== null) {
    meter.started()
    meter.ended({ kind: 'rejected', error }, 'breaker', undefined)
  }
  if (fallback !== null) {
    const cause: FallbackCause = { kind: 'rejected', error, policy: 'breaker', attempt: 1 }
    if (fallback.applies(cause)) return answerAtOnce(runner, fallback, cause, input)
  }
  if (meter !== null) {
    if (fallback === null) meter.answered('missing')
    meter.threw()
  }
  return breaker.refusal.then()
}

function answerAtOnce(
  runner: Runner,
  fallback: FallbackPart,
  cause: FallbackCause,
  input: unknown,
): Promise<unknown> {
  const { meter } = runner
  let promise: Promise<unknown> | undefined
  let value: unknown
  try {
    value = fallback.answer(cause, new PlainCall(runner.name), input)
    promise = adopt(value)
  } catch (error) {
    promise = Promise.reject(error)
  }
  if (promise === undefined) {
    if (meter !== null) meter.answered('success')
    return Promise.resolve(value)
  }
  return meter === null ? promise : countAnswer(promise, meter)
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
