/**
 * Latencies as counts, never as kept samples: a log-linear histogram with 8 slots an octave on a grid of 0.1 ms;
 * 192 slots reach to 1.86 h. Its counts only grow, so a rate, a window or a scrape is the difference of two copies.
 * The first few samples are kept as they are, because a process has many policies and most are hardly used.
 */
import { countIn, edgeOf, MAX_LATENCY_MS, middleOf, slotsUpTo, UNITS_PER_MS } from './latency-slots.js'

const RAW_SAMPLES = 8

/**
 * A cumulative latency histogram. `record` is O(1), never throws, and allocates only for its first samples and when
 * a new maximum enters another octave; reads are O(slots). Percentiles are off by at most 6.25 % or 0.05 ms,
 * whichever is more, from those of the sorted samples (nearest rank); up to 8 samples they are exact. What is not a
 * latency is clamped: NaN and negatives to 0, Infinity to `MAX_LATENCY_MS`.
 *
 * @example
 * ```ts
 * import { LatencyHistogram } from '@breakwater/kernel'
 *
 * const latency = new LatencyHistogram()
 * for (let ms = 1; ms <= 100; ms++) latency.record(ms)
 * console.log(latency.count) // 100
 * console.log(latency.percentile(50)) // 49.6
 * console.log(latency.bucketCounts([10, 100, Infinity])) // [ 9, 98, 100 ]
 * ```
 */
export class LatencyHistogram {
  private recorded = 0
  private sum = 0
  private max = 0
  /**
   * The first `recorded` cells hold the samples while they are few; null before the second one (a single sample is
   * `max`) and after the move to `counts`.
   */
  private raw: number[] | null = null
  /**
   * By slot, as far as the octave of `max`: few latencies come near an hour. Plain numbers rather than u32: as
   * cheap while small, and no slot can overflow in the life of a process.
   */
  private counts: number[] | null = null

  /** How many latencies were recorded. */
  get count(): number {
    return this.recorded
  }

  /** Their sum in ms. */
  get sumMs(): number {
    return this.sum
  }

  /** The largest in ms; 0 when empty. Of a difference (`minus`): an upper bound of it. */
  get maxMs(): number {
    return this.max
  }

  /** Counts one latency in ms. */
  record(ms: number): void {
    const counts = this.counts
    // A latency up to the largest so far needs no clamping and is no new maximum; NaN fails the comparison, too.
    if (counts !== null && ms >= 0 && ms <= this.max) {
      this.recorded++
      this.sum += ms
      countIn(counts, ms)
    } else {
      this.recordNewMax(ms > 0 ? Math.min(ms, MAX_LATENCY_MS) : 0)
    }
  }

  /** The latency that `p` percent (0..100) of the recorded ones do not exceed; undefined when empty. */
  percentile(p: number): number | undefined {
    return this.percentiles([p])[0]
  }

  /** Several percentiles in one pass; `ps` in ascending order. Empty when nothing was recorded. */
  percentiles(ps: readonly number[]): number[] {
    if (this.recorded === 0) return []
    if (this.counts === null) return this.rawPercentiles(ps)
    const result: number[] = []
    let slot = -1
    let upToSlot = 0
    for (const p of ps) {
      const rank = rankOf(p, this.recorded)
      while (upToSlot < rank && slot < this.counts.length - 1) {
        slot++
        upToSlot += this.counts[slot] as number
      }
      result.push(Math.min(middleOf(slot), this.max))
    }
    return result
  }

  /**
   * How many latencies were at most `ms`, supposing those of one slot evenly spread over it: exact at the edge of a
   * slot and off by less than one slot's count elsewhere. Never falls as `ms` grows, nor as latencies are recorded;
   * the count at Infinity.
   */
  countAtOrBelow(ms: number): number {
    return this.bucketCounts([ms])[0] as number
  }

  /** `countAtOrBelow` for each of the bounds, which ascend: the cumulative buckets of a Prometheus histogram. */
  bucketCounts(boundsMs: readonly number[]): number[] {
    const counts = this.slotCounts()
    let slot = 0
    let below = 0
    return boundsMs.map((boundMs) => {
      if (boundMs >= MAX_LATENCY_MS) return this.recorded
      const bound = boundMs > 0 ? boundMs * UNITS_PER_MS : 0
      for (; edgeOf(slot + 1) <= bound; slot++) below += counts[slot] ?? 0
      const share = (bound - edgeOf(slot)) / (edgeOf(slot + 1) - edgeOf(slot))
      return below + Math.floor((counts[slot] ?? 0) * share)
    })
  }

  /** An independent copy. */
  copy(): LatencyHistogram {
    const copy = new LatencyHistogram()
    copy.recorded = this.recorded
    copy.sum = this.sum
    copy.max = this.max
    copy.raw = this.raw === null ? null : this.raw.slice()
    copy.counts = this.counts === null ? null : this.counts.slice()
    return copy
  }

  /** What was recorded here since `earlier`, a copy of this histogram, was taken. */
  minus(earlier: LatencyHistogram): LatencyHistogram {
    const since = new LatencyHistogram()
    if (this.counts === null) {
      for (const ms of this.samples().slice(earlier.recorded)) since.record(ms)
      return since
    }
    const before = earlier.slotCounts()
    since.counts = this.counts.map((after, slot) => Math.max(0, after - (before[slot] ?? 0)))
    since.recorded = since.counts.reduce((total, inSlot) => total + inSlot, 0)
    if (since.recorded === 0) return new LatencyHistogram()
    since.sum = Math.max(0, this.sum - earlier.sum)
    const highest = since.counts.findLastIndex((inSlot) => inSlot > 0)
    since.max = Math.min(this.max, edgeOf(highest + 1) / UNITS_PER_MS)
    return since
  }

  /** `percentile` of what was recorded here since `earlier`, a copy of this histogram, was taken; makes nothing for it. */
  percentileSince(earlier: LatencyHistogram, p: number): number | undefined {
    const { counts, recorded } = this
    const before = earlier.counts
    if (counts === null || before === null) return this.minus(earlier).percentile(p)
    const count = recorded - earlier.recorded
    if (count <= 0) return undefined
    const rank = rankOf(p, count)
    let slot = 0
    for (let upToSlot = 0; slot < counts.length; slot++) {
      upToSlot += (counts[slot] as number) - (before[slot] ?? 0)
      if (upToSlot >= rank) break
    }
    return Math.min(middleOf(slot), this.max)
  }

  /** Adds what `other` has recorded to this histogram. */
  merge(other: LatencyHistogram): void {
    if (other.counts === null) {
      for (const ms of other.samples()) this.record(ms)
      return
    }
    const counts = this.slotCounts()
    this.counts = sumOf(counts, other.counts, Math.max(counts.length, other.counts.length))
    this.raw = null
    this.recorded += other.recorded
    this.sum += other.sum
    this.max = Math.max(this.max, other.max)
  }

  /** The way of the first samples and of each new maximum; `ms` is in range. */
  private recordNewMax(ms: number): void {
    const first = this.max
    this.recorded++
    this.sum += ms
    this.max = Math.max(this.max, ms)
    if (this.counts === null && this.recorded <= RAW_SAMPLES) {
      if (this.recorded === 1) return
      // Sized at once: an array that grows by itself would take room for 17.
      this.raw ??= new Array<number>(RAW_SAMPLES).fill(first)
      this.raw[this.recorded - 1] = ms
      return
    }
    const counts = this.slotCounts()
    const length = slotsUpTo(ms)
    this.counts = counts.length < length ? sumOf(counts, [], length) : counts
    this.raw = null
    countIn(this.counts, ms)
  }

  /** A copy of the samples, as long as they are kept. */
  private samples(): number[] {
    if (this.raw !== null) return this.raw.slice(0, this.recorded)
    return this.recorded === 1 ? [this.max] : []
  }

  /** The counts by slot, also while samples are still kept. Not for writing, unless they were. */
  private slotCounts(): number[] {
    if (this.counts !== null) return this.counts
    const counts = sumOf([], [], slotsUpTo(this.max))
    for (const ms of this.samples()) countIn(counts, ms)
    return counts
  }

  private rawPercentiles(ps: readonly number[]): number[] {
    const sorted = this.samples().sort((a, b) => a - b)
    return ps.map((p) => sorted[rankOf(p, sorted.length) - 1] as number)
  }
}

/**
 * Nearest rank, from 1: the smallest rank that covers `p` percent. What is not a percentage is clamped, NaN to 0.
 */
function rankOf(p: number, count: number): number {
  const percent = p > 0 ? Math.min(p, 100) : 0
  return Math.max(1, Math.ceil((percent * count) / 100))
}

/** Counts added slot by slot, in a new array of `length`. */
function sumOf(one: readonly number[], other: readonly number[], length: number): number[] {
  return Array.from({ length }, (_, slot) => (one[slot] ?? 0) + (other[slot] ?? 0))
}
