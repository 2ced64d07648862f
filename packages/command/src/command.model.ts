/**
 * A world of its own for each test: time, chance and a runtime that nobody else uses.
 */
import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import type { Outcome, Random, Runtime } from '@breakwater/kernel'
import { seededRandom, SimClock } from '@breakwater/testing'

export interface World {
  readonly clock: SimClock
  readonly random: Random
  readonly runtime: Runtime
}

/** What a command needs to be under a test's control. */
export function world(random: Random = seededRandom('command')): World {
  return { clock: new SimClock(), random, runtime: createRuntime() }
}

/** Chance that always says the same; just below 1 is the most it can say. */
export function always(value: number): Random {
  return { next: () => Math.min(value, 1 - Number.EPSILON) }
}

/** Work that never ends. */
export function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** Work that fails. */
export function failing(): Promise<never> {
  return Promise.reject(new Error('down'))
}

/** What became of a promise so far. */
export interface Seen<T> {
  ended: 'not yet' | 'resolved' | 'rejected'
  value?: T
  error?: unknown
}

/** Watches a promise without waiting for it. */
export function watch<T>(promise: Promise<T>): Seen<T> {
  const seen: Seen<T> = { ended: 'not yet' }
  promise.then(
    (value) => Object.assign(seen, { ended: 'resolved', value }),
    (error: unknown) => Object.assign(seen, { ended: 'rejected', error }),
  )
  return seen
}

/** The kinds of outcomes, in order. */
export function kindsOf(outcomes: readonly Outcome<unknown>[]): string[] {
  return outcomes.map(({ kind }) => kind)
}

/** The error of an outcome that must not be a success. */
export function errorIn(outcome: Outcome<unknown>): unknown {
  if (outcome.kind === 'success') throw new Error('expected a call that fails')
  return outcome.error
}

/** The paths of all faults that `make` is refused for; fails the test when it is not refused. */
export function faultsIn(make: () => unknown): string[] {
  try {
    make()
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    return error.issues.map(({ path }) => path)
  }
  throw new Error('expected InvalidOptionsError')
}

/** The instruments of a runtime, as `kind name`, in alphabetical order. */
export function instrumentsOf(runtime: Runtime): string[] {
  return [...runtime.instruments()].map(({ kind, name }) => `${kind} ${name}`).sort()
}
