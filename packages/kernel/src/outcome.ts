/**
 * How a call ended: one classification, shared by every policy, event and metric.
 */

/** The ways in which a call can end, as a list. */
export const OUTCOME_KINDS = ['success', 'failure', 'timeout', 'rejected', 'cancelled', 'ignored'] as const

/** The ways in which a call can end. */
export type OutcomeKind = (typeof OUTCOME_KINDS)[number]

/**
 * The end of a call as a value.
 *
 * - `success`: the work answered with `value`.
 * - `failure`: the work threw or rejected with `error`.
 * - `timeout`: an attempt's or the whole call's time was over.
 * - `rejected`: we refused to start the work (open circuit, full bulkhead, no token).
 * - `cancelled`: the caller's signal aborted; `error` is its reason.
 * - `ignored`: the work failed, and a predicate said that this is no fault of the dependency.
 *
 * @example
 * ```ts
 * import { pipeline } from '@breakwater/kernel'
 * import { Timeout } from '@breakwater/breaker'
 *
 * const outcome = await pipeline(new Timeout({ timeoutMs: 50 })).outcome(() => Promise.resolve(42))
 * if (outcome.kind === 'success') console.log(outcome.value) // 42
 * ```
 */
export type Outcome<R> =
  | { readonly kind: 'success'; readonly value: R }
  | { readonly kind: Exclude<OutcomeKind, 'success'>; readonly error: unknown }

/** Why a fallback is asked. */
export interface FallbackCause {
  readonly kind: Exclude<OutcomeKind, 'success'>
  /** What the call would have rejected with. */
  readonly error: unknown
  /**
   * What ended the call: `breaker`, `bulkhead` (an adaptive limiter too), `rate-limiter`, `timeout`, `deadline` for the
   * caller's own budget, or the name of a guard (`guard` without one); absent when the work itself did.
   */
  readonly policy?: string | undefined
  /** The attempt that was the last; 1 = the first. */
  readonly attempt: number
}

/** Any end but a success. */
export type FailedOutcome = Exclude<Outcome<unknown>, { kind: 'success' }>

/** Whether a call that ended so is one that a fallback is for. */
export function needsAnswer(kind: OutcomeKind): boolean {
  return kind === 'failure' || kind === 'timeout' || kind === 'rejected'
}
