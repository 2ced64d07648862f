/**
 * Calling foreign code and waiting for what it gives back.
 */
import type { Work } from '../call.js'
import { invalidArgument } from '../invalid-options-error.js'
import type { InvalidOptionsError } from '../errors.js'
import type { Attempt } from './attempt.js'

const { then } = Promise.prototype

/** Starts the work of an attempt and tells the attempt how it ended, now or later. */
export function runWork(work: Work<unknown>, attempt: Attempt): void {
  let result: unknown
  try {
    result = work(attempt)
  } catch (error) {
    attempt.failed(error)
    return
  }
  const promise = result instanceof Promise ? (result as Promise<unknown>) : adopt(result)
  if (promise === undefined) {
    attempt.fulfilled(result)
    return
  }
  // The intrinsic `then`: a subclass may have put anything in its place.
  then.call(
    promise,
    (value: unknown) => attempt.fulfilled(value),
    (error: unknown) => attempt.failed(error),
  )
}

/**
 * A promise of ours for anything that can be awaited, `undefined` for everything else. Its `then` is read once, and
 * whatever that does (throws, settles twice) ends in one settlement.
 */
export function adopt(value: unknown): Promise<unknown> | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined
  if (value instanceof Promise) return value as Promise<unknown>
  try {
    const foreignThen = (value as { then?: unknown }).then
    if (typeof foreignThen !== 'function') return undefined
    return new Promise((resolve, reject) => {
      foreignThen.call(value, resolve, reject)
    })
  } catch (error) {
    return Promise.reject(error)
  }
}

/** What a call without work ends with. */
export function notAFunction(work: unknown): InvalidOptionsError {
  return invalidArgument('execute', { path: 'work', received: work, expected: 'a function' })
}
