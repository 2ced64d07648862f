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

/** A promise that `owner` settles. Its executor is bound, because a closure would cost twice the memory. */
export function promiseOf(owner: Promising): Promise<unknown> {
  return new Promise<unknown>(takeEnds.bind(owner))
}

function takeEnds(
  this: Promising,
  resolve: (value: unknown) => void,
  reject: (error: unknown) => void,
): void {
  this.resolve = resolve
  this.reject = reject
}
