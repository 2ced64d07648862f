/**
 * A bucket of tokens that fills evenly: what a rate limiter counts in. Nothing ticks: what has flowed in follows from
 * the time that has passed.
 *
 * All is counted in whole drops (so many flow in each microsecond, so many make a token), so that nothing is ever
 * rounded and a limiter that is busy for years lets through exactly its rate.
 */
import { WarmUp } from './warm-up.js'
import type { WarmUpShape } from './warm-up.js'

/** Whole numbers, each at least 1. */
export interface BucketShape {
  /** Tokens that flow in … */
  readonly rate: number
  /** … in so many milliseconds. */
  readonly perMs: number
  /** Tokens that it holds. */
  readonly burst: number
  /** Only with a `burst` of 1. */
  readonly warmUp?: WarmUpShape | undefined
}

/** The rule of a bucket in drops. */
interface Drops {
  readonly perMicrosecond: number
  readonly perToken: number
  readonly capacity: number
}

/**
 * A time so much older than the last one is that of a clock which was set back: it counts from there. Anything younger
 * is a reading from before, which pipelines that spare clock reads may bring.
 */
const SET_BACK_US = 10_000_000

/** The tokens of one limiter; full at first, or cold. */
export class TokenBucket {
  private drops: Drops
  private warmUp: WarmUp | null
  /** Drops that the bucket lacks. */
  private missing = 0
  /** The latest time that it was told, in microseconds. */
  private at: number

  constructor(shape: BucketShape, now: number) {
    this.drops = dropsOf(shape)
    this.warmUp = warmUpOf(shape)
    this.at = microseconds(now)
  }

  /** What keeps such a bucket from counting exactly, or `undefined`. */
  static problem(shape: BucketShape): string | undefined {
    const { capacity } = dropsOf(shape)
    // Cold tokens cost more than others, and each number has to stay one that floating point holds exactly.
    const largest = capacity * (shape.warmUp?.coldFactor ?? 1)
    return largest <= Number.MAX_SAFE_INTEGER ? undefined : 'a burst that fills in less time'
  }

  /** Takes `count` tokens, all or none. */
  tryTake(count: number, now: number): boolean {
    this.advance(now)
    const { perToken, capacity } = this.drops
    if (this.missing + count * perToken > capacity) return false
    this.missing += this.costOf(count)
    this.warmUp?.take(count)
    return true
  }

  /**
   * Milliseconds from `now` until the last of `count` tokens could be taken, were each of them taken as soon as it is
   * there; 0 when all of them are there. Above what the bucket holds this is for a queue, which takes one after another.
   */
  waitMs(count: number, now: number): number {
    this.advance(now)
    const { perMicrosecond, perToken, capacity } = this.drops
    const tooMany = this.missing + this.costOf(count - 1) + perToken - capacity
    if (tooMany <= 0) return 0
    return Math.max(0, this.at + Math.ceil(tooMany / perMicrosecond) - microseconds(now)) / 1_000
  }

  /** Whole tokens that could be taken at `now`. */
  available(now: number): number {
    this.advance(now)
    const { perToken, capacity } = this.drops
    return Math.max(0, Math.floor((capacity - this.missing) / perToken))
  }

  /** Another rule from `now` on. The tokens that are there stay, as far as there is room; so does the coldness. */
  reshape(shape: BucketShape, now: number): void {
    this.advance(now)
    const { capacity, perToken } = this.drops
    this.drops = dropsOf(shape)
    const there = capacity - this.missing
    // Where a token is as many drops as before, all of them stay: rounding would take one with each change.
    const kept = this.drops.perToken === perToken ? there : (there / perToken) * this.drops.perToken
    this.missing = Math.max(0, Math.ceil(this.drops.capacity - kept))
    const coldness = this.warmUp?.coldness ?? 0
    this.warmUp = warmUpOf(shape)
    this.warmUp?.beAsColdAs(coldness)
  }

  private costOf(count: number): number {
    const { perMicrosecond, perToken } = this.drops
    if (this.warmUp === null) return count * perToken
    const cold = Math.ceil(this.warmUp.costUs(count) * perMicrosecond)
    return Math.max(count * perToken, cold)
  }

  private advance(now: number): void {
    const at = microseconds(now)
    const passed = at - this.at
    if (passed <= 0) {
      if (passed < -SET_BACK_US) this.at = at
      return
    }
    this.at = at
    // Beyond 2^53 this is not exact any more, and surely more than a bucket can lack.
    const flowed = passed * this.drops.perMicrosecond
    if (flowed < this.missing) {
      this.missing -= flowed
    } else {
      this.warmUp?.cool((flowed - this.missing) / this.drops.perMicrosecond)
      this.missing = 0
    }
  }
}

// Rounded to the nearest, so that a time made of whole microseconds is found again.
function microseconds(ms: number): number {
  return Math.round(ms * 1_000)
}

function dropsOf({ rate, perMs, burst }: BucketShape): Drops {
  const perUs = perMs * 1_000
  const common = commonDivisor(rate, perUs)
  const perToken = perUs / common
  return { perMicrosecond: rate / common, perToken, capacity: burst * perToken }
}

function warmUpOf({ rate, perMs, warmUp }: BucketShape): WarmUp | null {
  return warmUp === undefined ? null : new WarmUp(warmUp, (perMs * 1_000) / rate)
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other)
}
