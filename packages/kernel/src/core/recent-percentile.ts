/**
 * One percentile of the latencies of about the last half minute. It is read off now and then only, since that costs a pass over the
 * histogram; what is asked for in between is as of then.
 */
import { RollingLatency } from './rolling-latency.js'

const WINDOW_MS = 30_000
/** Fewer say nothing. */
const MIN_SAMPLES = 20

/**
 * @example
 * ```ts
 * import { RecentPercentile } from '@breakwater/kernel'
 *
 * const median = new RecentPercentile(50, 250) // read anew every 250 ms at most
 * for (let ms = 1; ms <= 100; ms++) median.record(ms, 0)
 * console.log(Math.round(median.read(250) ?? 0)) // 50
 * ```
 */
export class RecentPercentile {
  private readonly percentile: number
  private readonly refreshMs: number
  // The time is told with each latency. Before all of that, since the zero of a clock means nothing.
  private readonly latency: RollingLatency = new RollingLatency(WINDOW_MS, Number.MIN_SAFE_INTEGER)
  private refreshAt = -Infinity
  private current: number | undefined = undefined

  constructor(percentile: number, refreshMs: number) {
    this.percentile = percentile
    this.refreshMs = refreshMs
  }

  /** Something took so long, in milliseconds. */
  record(ms: number, now: number): void {
    this.latency.rotate(now)
    this.latency.record(ms)
  }

  /** In milliseconds, as of a moment ago; `undefined` while too little is known. */
  read(now: number): number | undefined {
    if (now >= this.refreshAt) {
      this.refreshAt = now + this.refreshMs
      const window = this.latency.window(now)
      this.current = window.count < MIN_SAMPLES ? undefined : window.percentile(this.percentile)
    }
    return this.current
  }
}
