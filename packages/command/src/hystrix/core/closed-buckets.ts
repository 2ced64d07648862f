/**
 * Hystrix's rolling streams: buckets of a fixed length, counted from the moment the stream began and not from the
 * clock's zero; what is read is the last `buckets` closed ones, never the one still open. Nothing turns by itself: the
 * window catches up with the time that it is told.
 *
 * An event of bucket k is visible in [(k + 1) · bucketMs, (k + 1 + buckets) · bucketMs) after the beginning.
 */

/** How a window is cut. */
export interface BucketShape {
  readonly bucketMs: number
  readonly buckets: number
}

/** Why these numbers make no window, or undefined. */
export function shapeProblem(windowMs: number, buckets: number): string | undefined {
  if (windowMs % buckets === 0) return undefined
  return `a number that divides ${String(windowMs)} ms evenly`
}

/**
 * A window of buckets of any content. Recording and reading cost O(1) and O(buckets); catching up O(min(gap, buckets)),
 * whatever the gap. Times before the last one told belong to the open bucket.
 */
export class ClosedBuckets<B> {
  private readonly closed: B[] = []
  private current: B
  private index = 0

  /** `make` gives an empty bucket; `onClose` sees each one that was recorded in when it closes. */
  constructor(
    readonly shape: BucketShape,
    private readonly startedAt: number,
    private readonly make: () => B,
    private readonly onClose: (bucket: B) => void = () => undefined,
  ) {
    this.current = make()
  }

  /** The bucket in which an event of `now` is recorded. */
  at(now: number): B {
    this.advance(now)
    return this.current
  }

  /** The last closed buckets, oldest first; at most as many as the window has. */
  window(now: number): readonly B[] {
    this.advance(now)
    return this.closed
  }

  private advance(now: number): void {
    const { bucketMs, buckets } = this.shape
    const index = Math.floor((now - this.startedAt) / bucketMs)
    if (index <= this.index) return
    this.onClose(this.current)
    this.closed.push(this.current)
    const empty = Math.min(index - this.index - 1, buckets)
    for (let passed = 0; passed < empty; passed++) this.closed.push(this.make())
    // Nothing goes while there are fewer.
    this.closed.splice(0, this.closed.length - buckets)
    this.current = this.make()
    this.index = index
  }
}
