/**
 * How a limiter gets up to speed: after a rest its tokens cost more time, and as they are taken they become cheaper,
 * until the full rate is reached. What was idle has cold caches and few connections, and is not hit by full load at once.
 *
 * The curve is that of `SmoothRateLimiter.SmoothWarmingUp` of Guava: coldness is counted in tokens; above half of what
 * the warm-up time could have let through at full rate, the cost of a token rises along a line.
 */

export interface WarmUpShape {
  /** From cold to the full rate under full load, and from warm to cold without any, in milliseconds. */
  readonly durationMs: number
  /** How many times dearer than a warm token the coldest is. */
  readonly coldFactor: number
}

/** The coldness of one limiter, at first the greatest. */
export class WarmUp {
  private readonly threshold: number
  private readonly coldest: number
  private readonly slopeUs: number
  private readonly cooledByUs: number
  private stored: number

  constructor(
    { durationMs, coldFactor }: WarmUpShape,
    /** Microseconds that a warm token costs. */
    private readonly warmUs: number,
  ) {
    const durationUs = durationMs * 1_000
    const coldUs = warmUs * coldFactor
    this.threshold = (0.5 * durationUs) / warmUs
    this.coldest = this.threshold + (2 * durationUs) / (warmUs + coldUs)
    this.slopeUs = (coldUs - warmUs) / (this.coldest - this.threshold)
    this.cooledByUs = durationUs / this.coldest
    this.stored = this.coldest
  }

  /** From 0 (at full rate) to 1. */
  get coldness(): number {
    return this.stored / this.coldest
  }

  beAsColdAs(coldness: number): void {
    this.stored = coldness * this.coldest
  }

  /** Nothing was taken for `idleUs` microseconds. */
  cool(idleUs: number): void {
    this.stored = Math.min(this.coldest, this.stored + idleUs / this.cooledByUs)
  }

  /** Microseconds that the next `count` tokens cost together. */
  costUs(count: number): number {
    const left = Math.max(0, this.stored - count)
    const dearer = this.aboveWarm(this.stored) - this.aboveWarm(left)
    return count * this.warmUs + dearer
  }

  /** Takes `count` tokens. */
  take(count: number): void {
    this.stored = Math.max(0, this.stored - count)
  }

  // What `stored` tokens cost on top of warm ones: the triangle between the rising line and the level of the warm.
  private aboveWarm(stored: number): number {
    const above = Math.max(0, stored - this.threshold)
    return (above * above * this.slopeUs) / 2
  }
}
