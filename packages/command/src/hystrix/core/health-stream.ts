/**
 * Health as Hystrix shows it (`HealthCountsStream`), for a command whose breaker is shared: closed buckets of the
 * executions of this command that have ended. It is for those who look; the breaker judges by all calls that it sees.
 */
import { ClosedBuckets } from './closed-buckets.js'
import type { BucketShape } from './closed-buckets.js'
import { eventSet } from './events.js'
import type { ExecutionRecord } from './events.js'

/** What the closed buckets hold. */
export interface HealthReading {
  readonly total: number
  readonly errors: number
  /** Whole percent, cut off. */
  readonly percent: number
}

const ERRORS = eventSet((_, event) =>
  ['FAILURE', 'TIMEOUT', 'THREAD_POOL_REJECTED', 'SEMAPHORE_REJECTED'].includes(event),
)
const SUCCESSES = eventSet((_, event) => event === 'SUCCESS')
/** Shorter than anything that clocks tell apart. */
const INSTANT_MS = 1e-6

export class HealthStream {
  private buckets: ClosedBuckets<{ total: number; errors: number }>

  constructor(
    private readonly shape: BucketShape,
    startedAt: number,
  ) {
    this.buckets = this.from(startedAt)
  }

  /** An execution ended. */
  ended(record: ExecutionRecord, now: number): void {
    const errors = record.countOf(ERRORS)
    const total = errors + record.countOf(SUCCESSES)
    if (total === 0) return
    const bucket = this.buckets.at(now)
    bucket.total += total
    bucket.errors += errors
  }

  /**
   * The circuit closes: nothing of before counts. What ends at this very moment, above all the trial, is seen from the
   * next moment on, as in the recordings of Hystrix.
   */
  restart(now: number): void {
    this.buckets = this.from(now - this.shape.bucketMs + INSTANT_MS)
  }

  read(now: number): HealthReading {
    let total = 0
    let errors = 0
    for (const bucket of this.buckets.window(now)) {
      total += bucket.total
      errors += bucket.errors
    }
    return { total, errors, percent: total === 0 ? 0 : Math.trunc((errors / total) * 100) }
  }

  private from(startedAt: number): ClosedBuckets<{ total: number; errors: number }> {
    return new ClosedBuckets(this.shape, startedAt, () => ({ total: 0, errors: 0 }))
  }
}
