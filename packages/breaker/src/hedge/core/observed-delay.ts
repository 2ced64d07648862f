/**
 * When an attempt counts as slow: later than so many percent of those before it, of about the last half minute.
 */
import { RecentPercentile } from '@breakwater/kernel'

const REFRESH_MS = 1_000
/** Timers are no finer. */
const MIN_DELAY_MS = 1

/**
 * @example
 * const observed = new ObservedDelay(95)
 * for (let ms = 1; ms <= 100; ms++) observed.record(ms, 0)
 * observed.delayMs(1_000) // about 95
 */
export class ObservedDelay {
  private readonly recent: RecentPercentile

  constructor(percentile: number) {
    this.recent = new RecentPercentile(percentile, REFRESH_MS)
  }

  /** An attempt took so long, or at least so long. */
  record(ms: number, now: number): void {
    this.recent.record(ms, now)
  }

  /** `undefined` while too little is known. */
  delayMs(now: number): number | undefined {
    const ms = this.recent.read(now)
    return ms === undefined ? undefined : Math.max(MIN_DELAY_MS, Math.ceil(ms))
  }
}
