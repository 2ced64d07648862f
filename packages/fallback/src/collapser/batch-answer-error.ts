/**
 * What requests get whose batch did not answer them.
 */
import { BreakwaterError, defineErrorClass } from '@breakwater/kernel'
import type { BreakwaterErrorJson, BreakwaterErrorOptions } from '@breakwater/kernel'
import type { BatchAnswerReason } from '../core/match-answers.js'

export type { BatchAnswerReason } from '../core/match-answers.js'

const PROBLEMS: Readonly<Record<BatchAnswerReason, string>> = {
  missing: 'the batch has no answer for this request',
  'wrong-length': 'the batch answered with a list that is not as long as that of the requests',
  unusable: 'the batch answered with something else than a list, a Map or pairs',
}

/**
 * A batch came back without a usable answer for a request: `missing`, a list of the `wrong-length`, or `unusable` as a
 * whole. Code `ERR_BATCH_ANSWER`, status 502: look at the function `batch`.
 *
 * @example
 * ```ts
 * import { BatchAnswerError } from '@breakwater/fallback'
 *
 * console.log(new BatchAnswerError('no answer', { reason: 'missing' }).toJSON().reason) // missing
 * ```
 */
export class BatchAnswerError extends BreakwaterError {
  static override readonly code: string = 'ERR_BATCH_ANSWER'
  static {
    defineErrorClass(this, 'BatchAnswerError', 502)
  }
  readonly reason: BatchAnswerReason

  constructor(
    message: string,
    options: BreakwaterErrorOptions & { readonly reason?: BatchAnswerReason } = {},
  ) {
    super(message, options)
    this.reason = options.reason ?? 'missing'
  }

  override toJSON(): BreakwaterErrorJson {
    return { ...super.toJSON(), reason: this.reason }
  }
}

/** The error for a batch of that name. */
export function batchAnswerError(name: string | undefined, reason: BatchAnswerReason): BatchAnswerError {
  return new BatchAnswerError(`${name ?? 'collapser'}: ${PROBLEMS[reason]}`, { reason })
}
