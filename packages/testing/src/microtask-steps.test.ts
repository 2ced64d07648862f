import { InvalidOptionsError } from '@breakwater/kernel'
import { expect, it } from 'vitest'
import { microtaskSteps } from './microtask-steps.js'

/** The number of the microtask, counted from now, in which `promise` is heard to be resolved. */
async function heardAfter(promise: Promise<unknown>): Promise<number> {
  let count = 0
  let heard = -1
  void promise.then(() => {
    heard = count
  })
  while (heard < 0) {
    count += 1
    await Promise.resolve()
  }
  return heard
}

it.each([0, 1, 2, 3, 10, 100])('resolves after exactly %d microtasks', async (steps) => {
  // A resolved promise is heard in the first microtask, so each step adds one.
  expect(await heardAfter(Promise.resolve())).toBe(1)
  expect(await heardAfter(microtaskSteps(steps))).toBe(steps + 1)
})

it.each([-1, 0.5, NaN, 1_000_001])('refuses %d', (steps) => {
  expect(() => microtaskSteps(steps)).toThrow(InvalidOptionsError)
})

it('says what it expects', () => {
  expect(() => microtaskSteps(-1)).toThrow(
    'Invalid arguments for microtaskSteps:\n  steps: expected a whole number from 0 to 1000000, received -1',
  )
})
