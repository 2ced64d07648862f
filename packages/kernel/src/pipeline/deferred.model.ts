/**
 * A promise whose end a test decides.
 */

export interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (error: unknown) => void
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] | undefined
  let reject: Deferred<T>['reject'] | undefined
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  if (resolve === undefined || reject === undefined) throw new Error('a promise runs its executor at once')
  return { promise, resolve, reject }
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
