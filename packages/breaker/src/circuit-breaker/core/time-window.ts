/**
 * Rolling counts of the last `windowMs`, in buckets. Nothing here turns by itself: whoever reads or records says what
 * time it is, and the window catches up on an absolute bucket index, so that neither a stalled loop nor an idle hour
 * leaves old counts behind. The current bucket is four plain fields; the past is one small array, while it has counts.
 * A read covers between `windowMs − bucketMs` and `windowMs` of time.
 */
import type { SavedBucket, SavedTimeWindow } from './saved-window.js'

const SUCCESSES = 0
const FAILURES = 1
const SLOW = 2
const SETTLED_SLOW = 3
const COLUMNS = 4

/**
 * Rolling counts of successes, failures and slow calls in constant memory, O(1) to record and to read and
 * O(min(gap, buckets)) to catch up. Times are finite ms of one clock, up to `Number.MAX_SAFE_INTEGER`. An earlier time
 * moves nothing back: a late sample lands in the bucket of its time, or nowhere when that has left the window.
 *
 * A slow call is counted when it is *seen* to be slow, maybe still in flight (`slowAt`). When it ends it is counted
 * once more, by how it ended (`settledSlowSuccessAt`, `settledSlowFailureAt`); `judged` counts it once.
 *
 * @example
 * const window = new TimeWindow(10_000, 10, 0)
 * window.failureAt(500)
 * window.successAt(9_000)
 * window.advance(10_500)
 * window.failures // 0: the bucket of 500 ms has left
 * window.total    // 1
 */
export class TimeWindow {
  // Every field starts with a number, never undefined: V8 then keeps them unboxed.
  private readonly bucketMs: number = 0
  private readonly buckets: number = 0
  private endsAt = 0
  private currentSuccesses = 0
  private currentFailures = 0
  private currentSlow = 0
  private currentSettledSlow = 0
  /** Row 0 holds the totals of the past, row 1 + (index mod buckets) one bucket. Null when the past is empty. */
  private past: number[] | null = null

  /** Takes arguments for which `problem` finds nothing; does not check them again. */
  constructor(windowMs: number, buckets: number, now: number) {
    this.bucketMs = windowMs / buckets
    this.buckets = buckets
    this.begin(this.indexOf(now))
  }

  /** Why these numbers make no window, or undefined. Buckets are whole milliseconds wide and divide it evenly. */
  static problem(windowMs: number, buckets: number): string | undefined {
    const bucketMs = windowMs / buckets
    const whole = Number.isInteger(buckets) && Number.isSafeInteger(bucketMs)
    if (whole && buckets >= 1 && bucketMs >= 1) return undefined
    return `${String(windowMs)} ms cannot be cut into ${String(buckets)} equal buckets of whole milliseconds`
  }

  /** Calls that ended well, as of the last time told. */
  get successes(): number {
    return this.currentSuccesses + pastTotal(this.past, SUCCESSES)
  }

  /** Calls that failed, as of the last time told. */
  get failures(): number {
    return this.currentFailures + pastTotal(this.past, FAILURES)
  }

  /** Calls seen to be slow, in flight or ended, as of the last time told. */
  get slow(): number {
    return this.currentSlow + pastTotal(this.past, SLOW)
  }

  /** Calls that ended, as of the last time told. */
  get total(): number {
    return this.successes + this.failures
  }

  /** Calls that tell about speed: all that ended, and those in flight that were seen to be slow; each once. */
  get judged(): number {
    return this.total + this.slow - this.currentSettledSlow - pastTotal(this.past, SETTLED_SLOW)
  }

  /** Counts a success in the current bucket without asking the time: for callers that told it a moment ago. */
  success(): void {
    this.currentSuccesses++
  }

  /** Counts a failure in the current bucket without asking the time: for callers that told it a moment ago. */
  failure(): void {
    this.currentFailures++
  }

  /** Lets buckets older than the window leave. A `now` before the current bucket changes nothing. */
  advance(now: number): void {
    if (now >= this.endsAt) this.turn(now)
  }

  /** Counts a call that ended well at `now`. */
  successAt(now: number): void {
    if (this.isCurrent(now)) this.currentSuccesses++
    else this.countAt(now, [1, 0, 0, 0])
  }

  /** Counts a call that failed at `now`. */
  failureAt(now: number): void {
    if (this.isCurrent(now)) this.currentFailures++
    else this.countAt(now, [0, 1, 0, 0])
  }

  /** Counts a call that was seen at `now` to be slow, while in flight or when it ended. Once for each call. */
  slowAt(now: number): void {
    if (this.isCurrent(now)) this.currentSlow++
    else this.countAt(now, [0, 0, 1, 0])
  }

  /** Counts the good end at `now` of a call that `slowAt` has counted. */
  settledSlowSuccessAt(now: number): void {
    this.countAt(now, [1, 0, 0, 1])
  }

  /** Counts the failure at `now` of a call that `slowAt` has counted. */
  settledSlowFailureAt(now: number): void {
    this.countAt(now, [0, 1, 0, 1])
  }

  /** Forgets every count and starts again at `now`, which may be earlier than before. */
  reset(now: number): void {
    this.past = null
    this.begin(this.indexOf(now))
  }

  /** Adds the counts of another window on the same clock, of this or another shape, to the buckets of their times. */
  add(other: TimeWindow): void {
    this.advance(other.endsAt - other.bucketMs)
    for (let index = other.last() - other.buckets + 1; index <= other.last(); index++) {
      this.putAll(this.indexOf((index + 1) * other.bucketMs - 0.5), other.bucketAt(index))
    }
  }

  /** The counts as plain JSON data, with the age of each bucket instead of its time. Advances to `now`. */
  save(now: number): SavedTimeWindow {
    this.advance(now)
    const saved: SavedBucket[] = []
    for (let index = this.last() - this.buckets + 1; index <= this.last(); index++) {
      const [successes = 0, failures = 0, slow = 0, settledSlow = 0] = this.bucketAt(index)
      // Half a millisecond before its end: as young as its youngest event, and within it whatever the rounding.
      const ageMs = Math.max(0, now - (index + 1) * this.bucketMs + 0.5)
      if (successes + failures + slow > 0) saved.push({ ageMs, successes, failures, slow, settledSlow })
    }
    return { buckets: saved }
  }

  /**
   * Replaces the counts by saved ones that are as old at `now` as when they were saved; the clock and the shape of the
   * window may be others. What is too old is dropped. Takes what `isSavedTimeWindow` accepts.
   */
  restore(saved: SavedTimeWindow, now: number): void {
    this.reset(now)
    for (const { ageMs, successes, failures, slow, settledSlow } of saved.buckets) {
      this.putAll(this.indexOf(now - ageMs), [successes, failures, slow, settledSlow])
    }
  }

  /** Whether `now` lies in the current bucket. One subtraction and no call: this is the hot path. */
  private isCurrent(now: number): boolean {
    const leftMs = this.endsAt - now
    return leftMs > 0 && leftMs <= this.bucketMs
  }

  private countAt(now: number, counts: readonly number[]): void {
    this.advance(now)
    this.putAll(this.indexOf(now), counts)
  }

  private indexOf(time: number): number {
    return Math.floor(time / this.bucketMs)
  }

  /** Index of the current bucket. */
  private last(): number {
    return this.endsAt / this.bucketMs - 1
  }

  private rowOf(index: number): number {
    return ((((index % this.buckets) + this.buckets) % this.buckets) + 1) * COLUMNS
  }

  private bucketAt(index: number): readonly number[] {
    if (index === this.last()) {
      return [this.currentSuccesses, this.currentFailures, this.currentSlow, this.currentSettledSlow]
    }
    return this.past === null ? [] : this.past.slice(this.rowOf(index), this.rowOf(index) + COLUMNS)
  }

  private begin(index: number): void {
    this.currentSuccesses = 0
    this.currentFailures = 0
    this.currentSlow = 0
    this.currentSettledSlow = 0
    this.endsAt = (index + 1) * this.bucketMs
  }

  /** Makes the bucket of `now` the current one; `now` is at or after the end of the present one. */
  private turn(now: number): void {
    const index = this.indexOf(now)
    if (index - this.last() >= this.buckets) this.past = null
    else this.retire(this.last(), index)
    this.begin(index)
  }

  /** Moves the current bucket to the past, and drops what leaves the window when bucket `index` begins. */
  private retire(last: number, index: number): void {
    const counts = this.bucketAt(last)
    this.endsAt += this.bucketMs // from here on `last` is in the past
    this.putAll(last, counts)
    const past = this.past
    if (past === null) return
    for (let leaving = last + 1; leaving <= index; leaving++) {
      const row = this.rowOf(leaving)
      for (let column = 0; column < COLUMNS; column++) {
        past[column] = (past[column] as number) - (past[row + column] as number)
        past[row + column] = 0
      }
    }
    if (past[SUCCESSES] === 0 && past[FAILURES] === 0 && past[SLOW] === 0) this.past = null
  }

  private putAll(index: number, counts: readonly number[]): void {
    for (let column = 0; column < COLUMNS; column++) this.put(index, column, counts[column] ?? 0)
  }

  /** Adds to the bucket `index`: the current one when it is not older, none when it has left the window. */
  private put(index: number, column: number, count: number): void {
    const age = this.last() - index
    if (count === 0 || age >= this.buckets) return
    if (age > 0) {
      const past = (this.past ??= new Array<number>((this.buckets + 1) * COLUMNS).fill(0))
      const cell = this.rowOf(index) + column
      past[cell] = (past[cell] as number) + count
      past[column] = (past[column] as number) + count
    } else if (column === SUCCESSES) this.currentSuccesses += count
    else if (column === FAILURES) this.currentFailures += count
    else if (column === SLOW) this.currentSlow += count
    else this.currentSettledSlow += count
  }
}

function pastTotal(past: readonly number[] | null, column: number): number {
  return past === null ? 0 : (past[column] as number)
}
