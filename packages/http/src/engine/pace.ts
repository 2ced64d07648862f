/**
 * How long a service takes to answer at present: what time another attempt needs to be worth its while. Half of the good answers of
 * about the last half minute took longer, so an attempt with less time than that is load for nothing more often than not.
 */
import { RollingLatency } from '@breakwater/kernel'

const WINDOW_MS = 30_000
/** To look costs a pass over the histogram. */
const REFRESH_MS = 250
/** Fewer say nothing. */
const MIN_ANSWERS = 20

export class Pace {
  private readonly latency: RollingLatency = new RollingLatency(WINDOW_MS, 0)
  private refreshAt = -Infinity
  private current = 0

  /** A good answer came, after so long. */
  heard(latencyMs: number, now: number): void {
    this.latency.rotate(now)
    this.latency.record(latencyMs)
  }

  /** In milliseconds, as of a moment ago; 0 while too little is known. */
  typicalMs(now: number): number {
    if (now >= this.refreshAt) {
      this.refreshAt = now + REFRESH_MS
      const window = this.latency.window(now)
      this.current = window.count < MIN_ANSWERS ? 0 : (window.percentile(50) ?? 0)
    }
    return this.current
  }
}
