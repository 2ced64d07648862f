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

// A closure or a bound function for each promise would take more memory than its two ends.
let taker: Promising | undefined

/** A promise that `owner` settles. */
export function promiseOf(owner: Promising): Promise<unknown> {
  taker = owner
  return new Promise<unknown>(takeEnds)
}

// Runs within the constructor, before anything else can.
function takeEnds(resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
  const owner = taker as Promising
  taker = undefined
  owner.resolve = resolve
  owner.reject = reject
}
