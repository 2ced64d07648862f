/** The one place of the test kit that touches the real event loop. */

// Taken once, so that fake timers installed later do not stop the simulation.
const realSetImmediate = setImmediate

/** Resolves in a later turn of the event loop: every microtask and tick that is queued now, and all that follow from them, run first. */
export function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => {
    realSetImmediate(resolve)
  })
}
