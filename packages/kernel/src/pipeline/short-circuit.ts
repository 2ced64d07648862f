/**
 * The way of a call that an open breaker refuses: no record, and a fallback that answers at once costs no more than its
 * answer.
 */
import type { BreakwaterError } from '../errors.js'
import { failedAnswer } from './answering.js'
import type { Runner } from './runner.js'
import type { BreakerPart, FallbackPart, MeterPart } from './stage.js'

/** What a call gets that nobody but an open breaker is asked about; `undefined` when it has to ask like any other. */
export function shortCircuit(
  runner: Runner,
  breaker: BreakerPart,
  input: unknown,
): Promise<unknown> | undefined {
  const { fallback, meter } = runner
  runner.tick()
  const refusal = breaker.refuse(runner.lastRead)
  if (refusal === undefined) return undefined
  if (meter !== null) countRefusal(meter, refusal.error)
  if (fallback === null || !fallback.applies(refusal.cause)) {
    if (meter !== null) countNoAnswer(meter, fallback)
    return refusal.promise.then()
  }
  let answer: unknown
  try {
    answer = fallback.answer(refusal.cause, runner.plainCall(), input)
  } catch (error) {
    answer = Promise.reject(error)
  }
  return meter === null ? Promise.resolve(answer) : countAnswer(answer, meter)
}

function countRefusal(meter: MeterPart, error: BreakwaterError): void {
  meter.started()
  meter.ended({ kind: 'rejected', error }, 'breaker', undefined)
}

function countNoAnswer(meter: MeterPart, fallback: FallbackPart | null): void {
  if (fallback === null) meter.answered('missing')
  meter.threw()
}

function countAnswer(answer: unknown, meter: MeterPart): Promise<unknown> {
  if (!(answer instanceof Promise)) {
    meter.answered('success')
    return Promise.resolve(answer)
  }
  return answer.then(
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
