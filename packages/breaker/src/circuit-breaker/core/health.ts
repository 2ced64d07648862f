/**
 * The health counts of Hystrix (HealthCountsStream): tumbling buckets whose phase is the moment they began, and which
 * are read only once closed. So a call is seen up to a bucket late, and a window is whole buckets long to the end.
 */
import type { SavedTimeWindow } from './saved-window.js'
import { TimeWindow } from './time-window.js'

/** What a decision goes by. */
export interface HealthCounts {
  readonly total: number
  readonly errors: number
  /** Whole percent, cut off as in Hystrix; 0 when there were no calls. */
  readonly percent: number
}

/** What Hystrix shows of a command's health and of its breaker, as of the last health bucket that is closed. */
export interface HystrixHealth extends HealthCounts {
  /** As `isOpen()` of that version: 1.5.18 says what stands under a forced state, 1.5.13 what is forced. */
  readonly isOpen: boolean
}

/** How long the window is, and in how many buckets. */
export interface HealthShape {
  readonly windowMs: number
  readonly buckets: number
}

export class Health {
  /** Buckets closed since the beginning. */
  private closed = 0
  private readonly bucketMs: number
  /** One bucket longer than what is read: that one is open. Its time begins with 0. */
  private readonly window: TimeWindow
  private openTotal = 0
  private openErrors = 0
  private readonly beganAt: number

  /**
   * Takes a shape for which `TimeWindow.problem` finds nothing. After a close, what ends at that very moment, above all
   * the call that closed, is in a bucket of its own that is over at once: in Hystrix it gets there before the timer that
   * opens the first bucket of the new stream (recorded as S17: seen 40 ms after the close, with buckets of 100 ms).
   */
  constructor(
    { windowMs, buckets }: HealthShape,
    private readonly madeAt: number,
    private readonly isAfterClose: boolean = false,
  ) {
    this.bucketMs = windowMs / buckets
    this.beganAt = isAfterClose ? madeAt - this.bucketMs : madeAt
    this.window = new TimeWindow(windowMs + this.bucketMs, buckets + 1, 0)
  }

  /** When the bucket that was last closed ended. */
  get closedAt(): number {
    return this.beganAt + this.closed * this.bucketMs
  }

  /** Closes the bucket that is open, when its time is over; `false` when it is not, or when all are empty and that matters to nobody. */
  closeNext(now: number, emptyMatters: boolean): boolean {
    if (this.window.total === 0 && !emptyMatters) return false
    if (this.bucketsUntil(now) <= this.closed) return false
    this.closeTo(this.closed + 1)
    return true
  }

  /** Closes every bucket whose time is over. A `now` before changes nothing. */
  advance(now: number): void {
    const buckets = this.bucketsUntil(now)
    if (buckets > this.closed) this.closeTo(buckets)
  }

  /** Counts in the open bucket. */
  record(isError: boolean): void {
    this.openTotal++
    if (isError) {
      this.openErrors++
      this.window.failure()
    } else this.window.success()
  }

  /** What the closed buckets hold. */
  counts(): HealthCounts {
    const total = this.window.total - this.openTotal
    const errors = this.window.failures - this.openErrors
    // In this order of operations, as HystrixCommandMetrics.HealthCounts does: 29 of 100 are 28 % there, and so here.
    return { total, errors, percent: total === 0 ? 0 : Math.trunc((errors / total) * 100) }
  }

  save(now: number): SavedTimeWindow {
    return this.window.save(now - this.beganAt)
  }

  /** Takes over saved counts, all of them closed. */
  restore({ buckets }: SavedTimeWindow): void {
    const aged = buckets.map((bucket) => ({ ...bucket, ageMs: Math.max(bucket.ageMs, this.bucketMs / 2) }))
    this.window.restore({ buckets: aged }, 0)
  }

  private bucketsUntil(now: number): number {
    if (this.isAfterClose && now === this.madeAt) return 0
    const { beganAt, bucketMs } = this
    const ended = Math.floor((now - beganAt) / bucketMs)
    // What has passed is rounded: at its very end, it may be a little less than a bucket.
    return beganAt + (ended + 1) * bucketMs <= now ? ended + 1 : ended
  }

  private closeTo(buckets: number): void {
    this.closed = buckets
    this.openTotal = 0
    this.openErrors = 0
    this.window.advance(buckets * this.bucketMs)
  }
}
