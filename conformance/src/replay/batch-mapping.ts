// How the answers of a batch reach its requests, for each way that a scenario can ask for.

import type { BatchMapping } from '../scenario/scenario.ts'
import { ScriptedError } from './errors.ts'

/** A request's answer, or the error that this request alone gets. */
export type AnswerOfBatch = readonly [request: string, answer: string | Error]

/** Pairs of request and answer, in the order of `requests`. The mapping that throws does so after its first pair. */
export function* mapBatch(
  map: BatchMapping,
  requests: readonly string[],
  answers: readonly string[],
): Generator<AnswerOfBatch> {
  for (const [at, request] of requests.entries()) {
    const isLast = at === requests.length - 1
    if (map === 'skipLast' && isLast) return
    if (map === 'throwAfterFirst' && at > 0) throw new ScriptedError('RuntimeException', 'map')
    yield [
      request,
      map === 'errLast' && isLast ? new ScriptedError('RuntimeException', 'item') : (answers[at] ?? ''),
    ]
  }
}
