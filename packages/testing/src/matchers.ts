/**
 * What the vitest matchers decide, free of any test framework: each takes the received value and says whether it
 * passes and, in words, what was found.
 */
import { OUTCOME_KINDS } from '@breakwater/kernel'

/** The answer of a matcher, in the form that vitest and Jest expect. */
export interface MatcherResult {
  readonly pass: boolean
  readonly message: () => string
  readonly actual?: unknown
  readonly expected?: unknown
}

const KINDS: readonly string[] = OUTCOME_KINDS

/** Whether `received`, a breaker or anything with `state` or `snapshot().state`, is in that state. */
export function hasState(received: unknown, expected: string): MatcherResult {
  const actual = stateOf(received)
  if (actual === undefined) {
    return { pass: false, message: () => `expected state "${expected}", but the value has no state` }
  }
  const pass = actual === expected
  const negation = pass ? 'not to be' : 'to be'
  return { pass, message: () => `expected state "${actual}" ${negation} "${expected}"`, actual, expected }
}

/** Whether `received` is an outcome of that kind. Throws `TypeError` for a kind that does not exist. */
export function hasOutcome(received: unknown, expected: string): MatcherResult {
  if (!KINDS.includes(expected)) {
    throw new TypeError(`"${expected}" is no kind of outcome; there are ${KINDS.join(', ')}`)
  }
  const actual = property(received, 'kind')
  if (typeof actual !== 'string' || !KINDS.includes(actual)) {
    const advice = isThenable(received) ? '; it is a promise: await it' : ''
    return {
      pass: false,
      message: () => `expected an outcome of kind "${expected}", but the value is none${advice}`,
    }
  }
  const pass = actual === expected
  const negation = pass ? 'not to be' : 'to be'
  return { pass, message: () => `expected outcome "${actual}" ${negation} "${expected}"`, actual, expected }
}

/** Whether `received`, a promise, rejects with an error of that code. */
export async function rejectsWithCode(received: unknown, expected: string): Promise<MatcherResult> {
  if (!isThenable(received)) {
    throw new TypeError('toRejectWithCode needs a promise: pass the call itself, without await')
  }
  try {
    await received
  } catch (error) {
    const actual = property(error, 'code')
    const pass = actual === expected
    const negation = pass ? 'not to be' : 'to be'
    const found = typeof actual === 'string' ? `"${actual}"` : 'without a code'
    return { pass, message: () => `expected rejection ${found} ${negation} "${expected}"`, actual, expected }
  }
  return {
    pass: false,
    message: () => `expected a rejection with code "${expected}", but the promise was fulfilled`,
  }
}

function stateOf(received: unknown): string | undefined {
  const direct = property(received, 'state')
  if (typeof direct === 'string') return direct
  const snapshot = property(received, 'snapshot')
  const state = typeof snapshot === 'function' ? property(snapshot.call(received), 'state') : undefined
  return typeof state === 'string' ? state : undefined
}

function property(source: unknown, key: string): unknown {
  return typeof source === 'object' && source !== null ? Reflect.get(source, key) : undefined
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof property(value, 'then') === 'function'
}
