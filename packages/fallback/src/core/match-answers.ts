/**
 * Which answer of a batch is whose.
 */
import { isError } from '@breakwater/kernel'
import type { Outcome } from '@breakwater/kernel'

/** Why an answer cannot be used. */
export type BatchAnswerReason = 'missing' | 'wrong-length' | 'unusable'

/** What matching needs from outside. */
interface Matching {
  /** The requests of the batch, by what identifies them, in order. */
  readonly ids: readonly unknown[]
  /** What identifies the request of an answer's key. May throw. */
  readonly identify: (key: unknown) => unknown
  readonly error: (reason: BatchAnswerReason) => Error
}

/**
 * The end of each request, in order. A list is matched by position and has to have the right length; pairs (a `Map`, or
 * anything else that can be iterated) by key: the first answer of a key counts, and answers that nobody asked for are
 * ignored. An answer that is an `Error` is the failure of its request. What is thrown while the answers are read is the
 * failure of all who have none by then.
 */
export function matchAnswers(answers: unknown, matching: Matching): Outcome<unknown>[] {
  const { ids, error } = matching
  const found = new Map<unknown, Outcome<unknown>>()
  let otherwise = (): unknown => error('missing')
  try {
    if (Array.isArray(answers)) takeList(answers, matching, found)
    else if (isIterable(answers)) takePairs(answers, matching, found)
    else throw error('unusable')
  } catch (thrown) {
    otherwise = () => thrown
  }
  return ids.map((id) => found.get(id) ?? { kind: 'failure', error: otherwise() })
}

function takeList(
  answers: readonly unknown[],
  { ids, error }: Matching,
  found: Map<unknown, Outcome<unknown>>,
): void {
  if (answers.length !== ids.length) throw error('wrong-length')
  for (const [at, id] of ids.entries()) found.set(id, endOf(answers[at]))
}

function takePairs(
  pairs: Iterable<unknown>,
  { ids, identify, error }: Matching,
  found: Map<unknown, Outcome<unknown>>,
): void {
  const missing = new Set(ids)
  for (const pair of pairs) {
    if (!Array.isArray(pair)) throw error('unusable')
    const [key, answer] = pair as readonly unknown[]
    const id = identify(key)
    if (missing.delete(id)) found.set(id, endOf(answer))
    // Pairs may come without end; nobody waits for more.
    if (missing.size === 0) return
  }
}

function endOf(answer: unknown): Outcome<unknown> {
  return isError(answer) ? { kind: 'failure', error: answer } : { kind: 'success', value: answer }
}

// A text is no list of answers.
function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
