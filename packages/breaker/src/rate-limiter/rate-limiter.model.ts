/**
 * A rate limiter with a queue as a list of who waits, played instant by instant: the bucket counts in fractions of whole
 * numbers, and nothing is known in advance.
 */
import { NaiveBucket } from './core/token-bucket.model.js'

export type Fate = 'waits' | 'rejected' | 'aborted' | number

interface Setup {
  readonly rate: number
  readonly perMs: number
  readonly burst: number
  readonly queueLimit: number
  readonly maxWaitMs: number
}

export class RateLimiterModel {
  /** What became of each call: when it began, or how else it ended. */
  readonly fates: Fate[] = []
  private readonly waiting: number[] = []
  private readonly bucket: NaiveBucket
  /** All that was asked of the bucket, to ask it of another one. */
  private readonly taken: number[] = []

  constructor(private readonly setup: Setup) {
    this.bucket = new NaiveBucket(setup, 0)
  }

  call(now: number, budgetMs: number): void {
    const id = this.fates.length
    if (this.waiting.length === 0 && this.take(now)) {
      this.fates.push(now)
      return
    }
    const isFull = this.waiting.length >= this.setup.queueLimit
    const waitMs = isFull ? Infinity : this.turnOf(this.waiting.length + 1, now) - now
    if (waitMs > this.setup.maxWaitMs || waitMs >= budgetMs) {
      this.fates.push('rejected')
      return
    }
    this.fates.push('waits')
    this.waiting.push(id)
  }

  abort(id: number): void {
    const place = this.waiting.indexOf(id)
    if (place < 0) return
    this.waiting.splice(place, 1)
    this.fates[id] = 'aborted'
  }

  /** One millisecond later; all times are whole milliseconds. */
  tick(now: number): void {
    for (let first = this.waiting[0]; first !== undefined; first = this.waiting[0]) {
      if (!this.take(now)) return
      this.fates[first] = now
      this.waiting.shift()
    }
  }

  // When the last of so many could begin, found by trying on a copy.
  private turnOf(count: number, from: number): number {
    const copy = new NaiveBucket(this.setup, 0)
    for (const at of this.taken) copy.tryTake(1, at * 1_000)
    let left = count
    for (let now = from; ; now++) {
      while (left > 0 && copy.tryTake(1, now * 1_000)) left--
      if (left === 0) return now
    }
  }

  private take(now: number): boolean {
    const isTaken = this.bucket.tryTake(1, now * 1_000)
    if (isTaken) this.taken.push(now)
    return isTaken
  }
}
