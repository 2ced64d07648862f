/**
 * When an attempt counts as slow: later than so many percent of those before it. Read off the latencies of about the
 * last half minute, and only now and then, since it costs a pass over the histogram.
 */
import { RollingLatency } from '@breakwater/kernel'

const WINDOW_MS = 30_000
const REFRESH_MS = 1_000
/** Fewer say nothing about a tail. */
const MIN_SAMPLES = 20
/** Timers are no finer. */
const MIN_DELAY_MS = 1

/**
 * @example
 * const observed = new ObservedDelay(95)
 * for (let ms = 1; ms <= 100; ms++) observed.record(ms, 0)
 * observed.delayMs(1_000) // about 95
 */
export class ObservedDelay {
  private readonly latency: RollingLatency = new RollingLatency(WINDOW_MS, 0)
  private refreshAt = -Infinity
  private current: number | undefined = undefined

  constructor(private readonly percentile: number) {}

  /** An attempt took so long, or at least so long. */
  record(ms: number, now: number): void {
    this.latency.rotate(now)
    this.latency.record(ms)
  }

  /** `undefined` while too little is known. */
  delayMs(now: number): number | undefined {
    if (now >= this.refreshAt) {
      this.refreshAt = now + REFRESH_MS
      const window = this.latency.window(now)
      const found = window.count < MIN_SAMPLES ? undefined : window.percentile(this.percentile)
      this.current = found === undefined ? undefined : Math.max(MIN_DELAY_MS, Math.ceil(found))
    }
    return this.current
  }
}
