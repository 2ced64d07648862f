/**
 * Percentiles of about the last window, beside the totals of all time, for the price of one histogram: the window
 * is the difference between the cumulative histogram and a copy of it taken when the window began. Copies are taken
 * each half window, on an absolute grid of time, so the difference covers between half and all of the window and
 * never anything older.
 */
import { LatencyHistogram } from './histogram.js'

/**
 * A cumulative latency histogram with a rolling view. `record` touches the histogram only; `rotate` costs O(1), and
 * O(slots) once each half window in which something was recorded. Nothing happens while idle, and the first call
 * after any gap finds an empty window.
 *
 * Latencies carry no time of their own. They count as recorded in the half window of the last `rotate`, so tell the
 * time (`rotate(now)`) before recording, or at least every few records. Times are finite ms of one clock; a time
 * before the last one changes nothing.
 *
 * @example
 * ```ts
 * import { RollingLatency } from '@breakwater/kernel'
 *
 * const latency = new RollingLatency(60_000, 0)
 * latency.record(12)
 * console.log(latency.percentile(99, 1_000)) // 12
 * console.log(latency.percentile(99, 120_000)) // undefined
 * console.log(latency.cumulative.count) // 1
 * ```
 */
export class RollingLatency {
  /** Everything ever recorded: what a scrape reads. */
  readonly cumulative: LatencyHistogram = new LatencyHistogram()
  private readonly halfMs: number = 0
  private endsAt = 0
  /** `cumulative` as it was when this half window began; null while it was empty. */
  private atHalf: LatencyHistogram | null = null
  /** `cumulative` as it was when the half window before this one began; null while it was empty. */
  private atStart: LatencyHistogram | null = null

  /** `windowMs` is at least 1, checked by whoever reads the options. */
  constructor(windowMs: number, now: number) {
    this.halfMs = windowMs / 2
    this.endsAt = (Math.floor(now / this.halfMs) + 1) * this.halfMs
  }

  /** Counts one latency in ms; clamped and never throwing, as `LatencyHistogram.record`. */
  record(ms: number): void {
    this.cumulative.record(ms)
  }

  /** Tells the time, so that what is older than the window leaves the rolling view. */
  rotate(now: number): void {
    if (now >= this.endsAt) this.turn(now)
  }

  /** The latency that `p` percent (0..100) of those of the window do not exceed; undefined when it has none. */
  percentile(p: number, now: number): number | undefined {
    this.rotate(now)
    return this.atStart === null
      ? this.cumulative.percentile(p)
      : this.cumulative.percentileSince(this.atStart, p)
  }

  /**
   * The latencies of the window as a histogram of their own: read once, ask it for as many percentiles as you need.
   */
  window(now: number): LatencyHistogram {
    this.rotate(now)
    return this.atStart === null ? this.cumulative.copy() : this.cumulative.minus(this.atStart)
  }

  private turn(now: number): void {
    const missed = now >= this.endsAt + this.halfMs
    const unchanged = this.cumulative.count === (this.atHalf?.count ?? 0)
    const before = this.atHalf
    if (!unchanged) this.atHalf = this.cumulative.copy()
    this.atStart = missed ? this.atHalf : before
    this.endsAt = (Math.floor(now / this.halfMs) + 1) * this.halfMs
  }
}
