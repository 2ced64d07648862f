/**
 * A token bucket by fractions of whole numbers: no floating point, no state but the list of what was taken.
 */
import type { BucketShape } from './token-bucket.js'

/** Counts in tokens times `perMs` times 1 000, all whole. */
export class NaiveBucket {
  private readonly takings: { readonly at: bigint; readonly cost: bigint }[] = []
  private readonly startedAt: bigint
  private latest: bigint

  constructor(
    private readonly shape: BucketShape,
    nowUs: number,
  ) {
    this.startedAt = BigInt(nowUs)
    this.latest = this.startedAt
  }

  tryTake(count: number, nowUs: number): boolean {
    if (BigInt(nowUs) > this.latest) this.latest = BigInt(nowUs)
    const cost = BigInt(count) * this.perToken
    if (this.levelAt(this.latest) < cost) return false
    this.takings.push({ at: this.latest, cost })
    return true
  }

  private get perToken(): bigint {
    return BigInt(this.shape.perMs) * 1_000n
  }

  // Played from the beginning.
  private levelAt(at: bigint): bigint {
    const full = BigInt(this.shape.burst) * this.perToken
    const flow = BigInt(this.shape.rate)
    let level = full
    let time = this.startedAt
    for (const taking of [...this.takings, { at, cost: 0n }]) {
      level += (taking.at - time) * flow
      if (level > full) level = full
      level -= taking.cost
      time = taking.at
    }
    return level
  }
}
