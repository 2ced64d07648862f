/**
 * Work in small steps. Reading and applying a large registry takes longer than an event loop may be held, so it is
 * written as generators that yield after every few dozen instances; the shell decides when to breathe.
 */

/** A computation that pauses now and then; its return value is the result. One step takes well under a millisecond. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Runs all steps at once. For small inputs and tests. */
export function runSteps<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** What {@link runSome} left: the result, or nothing yet. */
export type Progress<T> = { readonly done: true; readonly value: T } | { readonly done: false }

/**
 * Runs steps until the result is there or `isTimeUp` says so; at least one. Call it again in a later turn of the loop to
 * go on. Exceptions of the computation pass through.
 */
export function runSome<T>(steps: Steps<T>, isTimeUp: () => boolean): Progress<T> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return { done: true, value: step.value }
    if (isTimeUp()) return { done: false }
  }
}
