/**
 * The rules by which answers are kept: when one of before will do, and what becomes of a new end.
 */
import type { Outcome } from '@breakwater/kernel'

/** What becomes of the end of a run: the callers get it and it is kept, they get it, or they get the answer of before. */
type Verdict = 'keep' | 'pass' | 'stale'

/** A rule; ages are in milliseconds since an answer came. */
export interface Keeping {
  /** Whether an answer of that age is given without a call. */
  isFresh(ageMs: number): boolean
  /** `ageMs`: of the answer of before; `undefined` without one. */
  judge(outcome: Outcome<unknown>, ageMs: number | undefined): Verdict
}

/** Answers last for a time; failures too, where the rule says so. */
export function keepFor(ttlMs: number, keepsFailures: boolean): Keeping {
  return {
    isFresh: (ageMs) => ageMs < ttlMs,
    judge: ({ kind }) =>
      ttlMs > 0 && (kind === 'success' || (keepsFailures && kind !== 'cancelled')) ? 'keep' : 'pass',
  }
}

/** Answers are fresh for a time, and for a further one better than none. */
export function keepStale(freshMs: number, staleMs: number): Keeping {
  return {
    isFresh: (ageMs) => ageMs < freshMs,
    judge: ({ kind }, ageMs) => {
      if (kind === 'success') return 'keep'
      const isMissing = kind === 'failure' || kind === 'timeout' || kind === 'rejected'
      return isMissing && ageMs !== undefined && ageMs < freshMs + staleMs ? 'stale' : 'pass'
    },
  }
}
