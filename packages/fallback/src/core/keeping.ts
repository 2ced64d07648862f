/**
 * The rules by which answers are kept: when one of before will do, and what becomes of a new end.
 */
import type { Outcome } from '@breakwater/kernel'

/** What becomes of the end of a run: the callers get it and it is kept, they get it, or they get the answer of before. */
type Verdict = 'keep' | 'pass' | 'stale'

/** A rule. It goes by when a time ends: an age is rounded, and at that end may still be a little less than the time. */
export interface Keeping {
  /** Whether an answer that came at `at` is given without a call. */
  isFresh(at: number, now: number): boolean
  /** `at`: when the answer of before came; `undefined` without one. */
  judge(outcome: Outcome<unknown>, at: number | undefined, now: number): Verdict
}

/** Answers last for a time; failures too, where the rule says so. */
export function keepFor(ttlMs: number, keepsFailures: boolean): Keeping {
  return {
    isFresh: (at, now) => now < at + ttlMs,
    judge: ({ kind }) =>
      ttlMs > 0 && (kind === 'success' || (keepsFailures && kind !== 'cancelled')) ? 'keep' : 'pass',
  }
}

/** Answers are fresh for a time, and for a further one better than none. */
export function keepStale(freshMs: number, staleMs: number): Keeping {
  return {
    isFresh: (at, now) => now < at + freshMs,
    judge: ({ kind }, at, now) => {
      if (kind === 'success') return 'keep'
      const isMissing = kind === 'failure' || kind === 'timeout' || kind === 'rejected'
      return isMissing && at !== undefined && now < at + freshMs + staleMs ? 'stale' : 'pass'
    },
  }
}
