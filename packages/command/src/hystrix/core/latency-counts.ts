/**
 * Latencies in whole milliseconds as HdrHistogram keeps them with 3 significant digits, sparsely: exact up to 2047, in
 * steps of 2 up to 4095, of 4 up to 8191 and so on. The number of different values, and with it the memory, is bounded.
 */

const EXACT_BELOW = 2048

/** Counts of latencies; the ranks are those of HdrHistogram 2.1.9, which Hystrix pins. */
export class LatencyCounts {
  private readonly counts = new Map<number, number>()
  private sum = 0
  private recorded = 0

  get count(): number {
    return this.recorded
  }

  /** Counts one latency, truncated to whole milliseconds. */
  record(ms: number): void {
    const value = Math.max(0, Math.trunc(ms))
    const step = stepOf(value)
    const lowest = value - (value % step)
    this.counts.set(lowest, (this.counts.get(lowest) ?? 0) + 1)
    this.recorded++
    // The mean is that of the middles of the steps, as in the original.
    this.sum += lowest + Math.floor(step / 2)
  }

  /** Adds all of `other`. */
  add(other: LatencyCounts): void {
    for (const [value, times] of other.counts) this.counts.set(value, (this.counts.get(value) ?? 0) + times)
    this.sum += other.sum
    this.recorded += other.recorded
  }

  /** The mean, truncated; 0 without latencies. */
  get mean(): number {
    return this.recorded === 0 ? 0 : Math.trunc(this.sum / this.recorded)
  }

  /** The latency at `percent` (0 to 100), the highest of its step; 0 without latencies. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.floor((Math.min(percent, 100) / 100) * this.recorded + 0.5))
    let seen = 0
    for (const [value, times] of [...this.counts].sort(([one], [other]) => one - other)) {
      seen += times
      if (seen >= rank) return value + stepOf(value) - 1
    }
    return 0
  }
}

function stepOf(value: number): number {
  let step = 1
  for (let top = EXACT_BELOW; value >= top; top *= 2) step *= 2
  return step
}
