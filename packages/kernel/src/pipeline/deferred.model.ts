/**
 * A promise whose end a test decides.
 */

export function deferred<T = void>(): PromiseWithResolvers<T> {
  return Promise.withResolvers()
}

/** Work that never ends. */
export function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** The error that a promise rejects with; fails the test when it does not. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection')
}
