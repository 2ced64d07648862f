/**
 * Promises whose two ends a record keeps, and where else the end of a call may go.
 */

/** Who keeps them. */
export interface Promising {
  resolve: ((value: unknown) => void) | undefined
  reject: ((error: unknown) => void) | undefined
}

/** Where the end of a call goes. */
export const TO_PROMISE = 0
export const TO_OUTCOME = 1
export const TO_PARENT = 2
export const TO_END = 3
export type Sink = typeof TO_PROMISE | typeof TO_OUTCOME | typeof TO_PARENT | typeof TO_END

/** A promise that `owner` settles. */
export const promiseOf: (owner: Promising) => Promise<unknown> = sharingOneTaker()

// One function takes the ends of all promises, and is told whose they are: a closure for each would take more memory than
// the two. As a constant of this scope it is known to the engine, which inlines it.
function sharingOneTaker(): (owner: Promising) => Promise<unknown> {
  let taker: Promising | undefined
  const takeEnds = (resolve: (value: unknown) => void, reject: (error: unknown) => void): void => {
    const owner = taker as Promising
    taker = undefined
    owner.resolve = resolve
    owner.reject = reject
  }
  return (owner) => {
    // Taken within the constructor, before anything else can run.
    taker = owner
    return new Promise<unknown>(takeEnds)
  }
}
