/** Waits counted in microtasks: the finest grain at which two pieces of JavaScript can be interleaved. */
import { invalidArgument } from '@breakwater/kernel'

const MAX_STEPS = 1_000_000

/**
 * A promise that resolves after exactly `steps` microtasks; with 0 it is resolved already. (Awaiting it takes one more,
 * as with every promise.) Races that live in the gap between two microtasks are found by letting a call come in after
 * 0, 1, 2, … of them. Throws `InvalidOptionsError` unless `steps` is a whole number from 0 to 1 000 000.
 *
 * @example
 * ```ts
 * import { microtaskSteps } from '@breakwater/testing'
 *
 * for (const steps of [0, 1, 2, 3]) {
 *   const order: string[] = []
 *   const release = microtaskSteps(2).then(() => order.push('released'))
 *   const arrival = microtaskSteps(steps).then(() => order.push('arrived'))
 *   await Promise.all([release, arrival])
 *   console.log(steps, order[0]) // 0 arrived, 1 arrived, 2 released, 3 released
 * }
 * ```
 */
export function microtaskSteps(steps: number): Promise<void> {
  if (!Number.isInteger(steps) || steps < 0 || steps > MAX_STEPS) {
    const expected = `a whole number from 0 to ${MAX_STEPS}`
    throw invalidArgument('microtaskSteps', { path: 'steps', received: steps, expected })
  }
  let last = Promise.resolve()
  for (let step = 0; step < steps; step++) last = last.then(nothing)
  return last
}

function nothing(): void {
  // Only the microtask counts.
}
