/**
 * What the work sees of the call that it runs in, and what a caller may say about one call.
 */
import type { MonotonicMs } from './clock.js'

/** One attempt of one call, given to the work. */
export interface Call {
  /** The name of the pipeline, when it has one. */
  readonly name?: string | undefined
  /** 1 for the first try, 2 for the first retry, … */
  readonly attempt: number
  /**
   * Aborts when nobody waits for this attempt any more: its time is over (the reason is our timeout error), or the
   * caller aborted (the reason is the caller's). Made when first read, so work that ignores it pays nothing.
   */
  readonly signal: AbortSignal
  /** When this attempt must have ended, on the clock of the pipeline; absent without a limit. */
  readonly deadline?: MonotonicMs | undefined
  /** Milliseconds until `deadline`, never negative; `Infinity` without one. */
  remainingMs(): number
}

/** The work that a policy protects: may answer at once, with a promise, or with any thenable. */
export type Work<R> = (call: Call) => R | PromiseLike<R>

/** What a caller may say about one call. */
export interface CallOptions {
  /** Aborting it ends the call at once: it rejects with `signal.reason`, unchanged, and no fallback is asked. */
  readonly signal?: AbortSignal | undefined
  /** The whole time allowed from now, with retries, waits and fallback; in milliseconds, `0` = no time left. */
  readonly budgetMs?: number | undefined
}
