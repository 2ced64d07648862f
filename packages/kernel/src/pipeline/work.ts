/**
 * Calling foreign code and waiting for what it gives back.
 */
import { types } from 'node:util'
import type { Call, Work } from '../call.js'
import { invalidArgument } from '../invalid-options-error.js'
import type { InvalidOptionsError } from '../errors.js'
import type { Attempt } from './attempt.js'

const { then } = Promise.prototype

/** Starts the work of an attempt and tells the attempt how it ended, now or later. */
export function runWork(work: Work<unknown>, attempt: Attempt): void {
  let result: unknown
  try {
    result = callWork(work, attempt, attempt.input)
    const promise = isPlainPromise(result) ? result : adopt(result)
    if (promise !== undefined) {
      // Bound functions take half the memory of closures.
      void promise.then(attempt.fulfilled.bind(attempt), attempt.failed.bind(attempt))
      return
    }
  } catch (error) {
    attempt.failed(error)
    return
  }
  attempt.fulfilled(result)
}

/**
 * A promise that nobody has changed: neither its `then` nor the class that `then` makes its result of. Using it throws
 * for what only looks like a promise.
 */
export function isPlainPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise && value.then === then && value.constructor === Promise
}

/** Calls the work; one that our own packages gave with an input gets it as a second argument. */
export function callWork(work: Work<unknown>, call: Call, input: unknown): unknown {
  return input === undefined ? work(call) : (work as (call: Call, input: unknown) => unknown)(call, input)
}

/**
 * A promise of ours for anything that can be awaited, `undefined` for everything else. A foreign `then` is read once,
 * and whatever that does (throws, settles twice) ends in one settlement.
 */
export function adopt(value: unknown): Promise<unknown> | undefined {
  return mayHaveThen(value) ? adoptObject(value) : undefined
}

/** Whether it can be something to wait for at all. */
export function mayHaveThen(value: unknown): value is object {
  return typeof value === 'object' ? value !== null : typeof value === 'function'
}

// Apart, so that the question whether there is anything to adopt is inlined.
function adoptObject(value: object): Promise<unknown> | undefined {
  try {
    const foreignThen = (value as { then?: unknown }).then
    if (typeof foreignThen !== 'function') return undefined
    if (types.isPromise(value) && isPlainPromise(value)) return value
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
