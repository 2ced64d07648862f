/**
 * Additive increase, multiplicative decrease: the limit of TCP Reno, for calls. Only what was dropped tells it that there
 * is too much, so it needs no latencies, and is cheap enough to have one for each instance of a large fleet.
 *
 * After `AIMDLimit` of Netflix's concurrency-limits, with two changes. It adds one for each limit's worth of good calls,
 * not for each call, which would double the limit in every round trip (so does Dialogue's `CautiousIncrease…`). And it
 * takes a burst of drops for one: those who began before the last decrease suffered from the limit that was.
 */

import { within } from './limit-state.js'
import type { Bounds, LimitState } from './limit-state.js'

/** What the limits of many instances may share. */
export interface AimdRules extends Bounds {
  /** What is left of the limit after a drop, above 0 and below 1. */
  readonly backoffRatio: number
  /** Who takes longer counts as dropped, in milliseconds. */
  readonly slowerThanMs: number
}

/** The rules where nothing is said. */
export const AIMD_RULES: AimdRules = Object.freeze({
  min: 1,
  max: 200,
  backoffRatio: 0.9,
  slowerThanMs: 5_000,
})

/**
 * A limit on the calls in flight to one place. It neither counts them nor reads a clock: tell it how each call ended.
 *
 * @example
 * ```ts
 * import { AimdLimit } from '@breakwater/breaker'
 *
 * const limit = new AimdLimit(20)
 * limit.observe({ now: 1_000, durationMs: 30, inFlight: 18, isDrop: true })
 * console.log(limit.limit) // 18
 * ```
 */
export class AimdLimit {
  /** With its fraction. */
  estimate: number
  private loweredAt: number = -Infinity

  constructor(
    initial: number,
    private rules: AimdRules = AIMD_RULES,
  ) {
    this.estimate = initial
  }

  /** How many may be in flight: a whole number. */
  get limit(): number {
    return Math.floor(this.estimate)
  }

  get state(): LimitState {
    return { estimate: this.estimate }
  }

  /** A call ended at `now`, after `durationMs`, with `inFlight` of them before it ended, itself among them. */
  observe({ now, durationMs, inFlight, isDrop }: EndedCall): void {
    const { rules, estimate } = this
    const { backoffRatio, slowerThanMs } = rules
    if (isDrop || durationMs > slowerThanMs) {
      if (now - durationMs < this.loweredAt) return
      this.loweredAt = now
      this.estimate = within(rules, Math.floor(estimate * backoffRatio))
    } else if (inFlight * 2 >= this.limit) {
      this.estimate = within(rules, estimate + 1 / estimate)
    }
  }

  /** Other bounds from now on. */
  follow({ min, max }: Bounds): void {
    this.rules = { ...this.rules, min, max }
    this.estimate = within(this.rules, this.estimate)
  }
}

/** What a limit hears of a call that ended, good or dropped. */
export interface EndedCall {
  readonly now: number
  readonly durationMs: number
  readonly inFlight: number
  readonly isDrop: boolean
}
