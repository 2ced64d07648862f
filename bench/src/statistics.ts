// The three numbers every table cell is made of. Medians, not means: one scavenge or one stolen time slice must not
// move a result, and the spread is shown as the full range because a handful of rounds has no meaningful deviation.

/** A value over rounds: the median, and the smallest and largest seen. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Middle value; the mean of the middle two for an even count. Throws a `RangeError` when there is nothing to look at. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const high = sorted[sorted.length >> 1]
  const low = sorted[(sorted.length - 1) >> 1]
  if (high === undefined || low === undefined) throw new RangeError('median of no values')
  return low + (high - low) / 2
}

/** Median with the range around it. Throws a `RangeError` when there is nothing to look at. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

/**
 * How far the values are from being one constant: the largest distance to their median, as a share of it.
 * 0.1 means that every value lies within ±10 % of the median.
 */
export function deviation(values: readonly number[]): number {
  const middle = median(values)
  return Math.max(...values.map((value) => Math.abs(value - middle))) / middle
}
