/**
 * The shares of a limit: what each kind of call is sure of when all together are too many. After
 * `AbstractPartitionedLimiter` of Netflix's concurrency-limits.
 */

/** One kind of call. */
export interface Share {
  readonly percent: number
  running: number
  /** What it may take of a limit that is used up. */
  limit: number
}

/** Kinds that nobody has spoken of share what every kind has at least: one slot. */
const NO_PERCENT = 0

export class Shares {
  private readonly named: ReadonlyMap<string, Share>
  private readonly unknown: Share = { percent: NO_PERCENT, running: 0, limit: 1 }

  constructor(percents: Readonly<Record<string, number>>, total: number) {
    const shareOf = (percent: number): Share => ({ percent, running: 0, limit: slotsOf(percent, total) })
    this.named = new Map(Object.entries(percents).map(([name, percent]) => [name, shareOf(percent)]))
  }

  of(name: string | undefined): Share {
    return (name === undefined ? undefined : this.named.get(name)) ?? this.unknown
  }

  /** The limit of all together is `total` from now on. */
  resize(total: number): void {
    for (const share of this.named.values()) share.limit = slotsOf(share.percent, total)
  }

  /** By name; what nobody has spoken of is not in it. */
  snapshot(): Record<string, { readonly running: number; readonly limit: number }> {
    return Object.fromEntries([...this.named].map(([name, { running, limit }]) => [name, { running, limit }]))
  }
}

function slotsOf(percent: number, total: number): number {
  return Math.max(1, Math.ceil((total * percent) / 100))
}
