/**
 * Estimates how many calls queue at the dependency, from how much longer they take than when nothing queues, and keeps
 * that number small: the limit of TCP Vegas, for calls. After `VegasLimit` of Netflix's concurrency-limits.
 *
 * The latency without a queue is the lowest that was seen, which would be wrong for ever once the dependency is slower,
 * so it is measured anew now and then, at moments with jitter, so that clients do not do it all at once. Measured under
 * full load it would have the queue in it, and each measurement would raise the limit; so half the limit is left out for
 * that window, as Envoy's gradient controller and BBR do.
 */
import { within } from './limit-state.js'
import type { Bounds, LimitState } from './limit-state.js'
import type { WindowSample } from './sample-window.js'

export interface VegasRules extends Bounds {
  /** The latency without a queue, where it is known; otherwise it is found out. */
  readonly noLoadMs: number | undefined
}

const FEWEST_QUEUED = 3
const MOST_QUEUED = 6
const WINDOWS_PER_SLOT = 30

export class VegasLimit {
  private estimate: number
  private isProbing = false
  private lowestMs: number | undefined = undefined
  private windows = 0
  private jitter = 1

  constructor(
    initial: number,
    private rules: VegasRules,
  ) {
    this.estimate = initial
  }

  get limit(): number {
    const limit = Math.floor(this.estimate)
    return this.isProbing ? Math.max(this.rules.min, Math.floor(limit / 2)) : limit
  }

  get state(): LimitState {
    const { estimate, minRttMs, isProbing } = this
    return { estimate, minRttMs, isProbing }
  }

  /** `chance`: a number from 0 to 1. */
  update({ meanMs, mostInFlight, hadDrops }: WindowSample, chance: number): void {
    if (meanMs !== undefined && this.measures(meanMs, chance)) return
    const minRttMs = this.minRttMs
    const step = Math.max(1, Math.floor(Math.log10(this.estimate)))
    if (hadDrops) this.moveBy(-step)
    // Who does not use his limit learns nothing about it.
    else if (meanMs !== undefined && minRttMs !== undefined && mostInFlight * 2 >= this.limit)
      this.moveBy(change(Math.ceil(this.estimate * (1 - minRttMs / meanMs)), step))
  }

  /** Other bounds from now on. */
  follow({ min, max }: Bounds): void {
    this.rules = { ...this.rules, min, max }
    this.moveBy(0)
  }

  private get minRttMs(): number | undefined {
    return this.rules.noLoadMs ?? this.lowestMs
  }

  // Learns from the window; whether it was for that only.
  private measures(meanMs: number, chance: number): boolean {
    if (this.isProbing) {
      this.lowestMs = meanMs
      this.isProbing = false
      this.windows = 0
      this.jitter = 0.5 + chance / 2
      return true
    }
    this.lowestMs = Math.min(this.lowestMs ?? meanMs, meanMs)
    this.windows++
    this.isProbing =
      this.rules.noLoadMs === undefined && this.windows >= this.jitter * WINDOWS_PER_SLOT * this.estimate
    return this.isProbing
  }

  private moveBy(slots: number): void {
    this.estimate = within(this.rules, this.estimate + slots)
  }
}

function change(queued: number, step: number): number {
  if (queued <= step) return MOST_QUEUED * step
  if (queued < FEWEST_QUEUED * step) return step
  return queued > MOST_QUEUED * step ? -step : 0
}
