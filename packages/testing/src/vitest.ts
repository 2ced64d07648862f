/**
 * Matchers for vitest. Importing this module once, for example in a setup file, registers them and their types.
 *
 * @example
 * ```ts
 * import '@breakwater/testing/vitest'
 * import { CircuitBreaker } from '@breakwater/breaker'
 * import { expect, test } from 'vitest'
 *
 * test('opens on command', async () => {
 *   const breaker = new CircuitBreaker()
 *   breaker.forceOpen('maintenance')
 *
 *   expect(breaker).toHaveState('forced-open')
 *   await expect(breaker.execute(() => 'x')).toRejectWithCode('ERR_CIRCUIT_OPEN')
 *   expect(await breaker.outcome(() => 'x')).toHaveOutcome('rejected')
 * })
 * ```
 */
import type { Outcome } from '@breakwater/kernel'
import { expect } from 'vitest'
import { hasOutcome, hasState, rejectsWithCode } from './matchers.js'
import type { MatcherResult } from './matchers.js'

/** The matchers that this module adds to `expect`. */
export interface BreakwaterMatchers<R> {
  /** The breaker is open. Passes for anything with `state` or `snapshot().state`. */
  toBeOpen: () => R
  /** The breaker is closed. */
  toBeClosed: () => R
  /** The breaker is half-open. */
  toBeHalfOpen: () => R
  /** The breaker is in this state, for example `forced-open`. */
  toHaveState: (state: string) => R
  /** The value is an outcome of this kind, as `policy.outcome()` resolves with. */
  toHaveOutcome: (kind: Outcome<unknown>['kind']) => R
  /** The promise rejects with an error of this `code`; await the expectation. */
  toRejectWithCode: (code: string) => Promise<void>
}

declare module 'vitest' {
  // Merging needs the type parameters of vitest's own declaration, so `T` has to be here.
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars -- as said above
  interface Matchers<R extends void | Promise<void>, T> extends BreakwaterMatchers<R> {}
}

expect.extend({
  toBeOpen: (received: unknown): MatcherResult => hasState(received, 'open'),
  toBeClosed: (received: unknown): MatcherResult => hasState(received, 'closed'),
  toBeHalfOpen: (received: unknown): MatcherResult => hasState(received, 'half-open'),
  toHaveState: (received: unknown, state: string): MatcherResult => hasState(received, state),
  toHaveOutcome: (received: unknown, kind: string): MatcherResult => hasOutcome(received, kind),
  toRejectWithCode: (received: unknown, code: string): Promise<MatcherResult> =>
    rejectsWithCode(received, code),
})
