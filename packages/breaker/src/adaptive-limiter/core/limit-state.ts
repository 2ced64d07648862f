/**
 * What all algorithms have in common.
 */

/** Between these the limit stays; whole numbers. */
export interface Bounds {
  readonly min: number
  readonly max: number
}

/** What an algorithm knows, for people. */
export interface LimitState {
  /** The limit with its fraction. */
  readonly estimate: number
  /** Of `vegas`: the latency without a queue, as far as it is known. */
  readonly minRttMs?: number | undefined
  /** Of `gradient2`: the long-term latency; absent before the first window. */
  readonly longRttMs?: number | undefined
  /** Of `vegas`: whether the latency without a queue is being measured, with half the limit. */
  readonly isProbing?: boolean
}

export function within({ min, max }: Bounds, limit: number): number {
  return Math.min(max, Math.max(min, limit))
}
