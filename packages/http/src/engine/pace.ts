/**
 * How long a service takes to answer at present: what time another attempt needs to be worth its while. Half of the good answers of
 * about the last half minute took longer, so an attempt with less time than that is load for nothing more often than not.
 */
import { RecentPercentile } from '@breakwater/kernel'

const REFRESH_MS = 250

export class Pace {
  private readonly median: RecentPercentile = new RecentPercentile(50, REFRESH_MS)

  /** A good answer came, after so long. */
  heard(latencyMs: number, now: number): void {
    this.median.record(latencyMs, now)
  }

  /** In milliseconds, as of a moment ago; 0 while too little is known. */
  typicalMs(now: number): number {
    return this.median.read(now) ?? 0
  }
}
