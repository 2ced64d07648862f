/**
 * How many retries a group of callers may add to its own load: a share of the calls of the last window, plus a
 * small floor so that a quiet service may retry at all. Without it three nested tiers with three attempts each turn
 * one call into 27. The idea is that of Finagle's retry budget; here both sides are rolling counts, compared as
 * whole numbers.
 */
import { TimeWindow } from '../../circuit-breaker/core/time-window.js'
import { ALMOST_1 } from '../../circuit-breaker/core/trip-rule.js'

/** Number of buckets in a budget's window. */
export const BUDGET_BUCKETS = 10

/**
 * A rolling retry budget. A retry is allowed if, before it, `retries < percent / 100 × calls + minPerSecond ×
 * windowMs / 1000`. O(1) memory and time. Takes validated numbers: `windowMs` must divide into `BUDGET_BUCKETS`
 * (see `TimeWindow.problem`).
 *
 * @example
 * const budget = new BudgetWindow(20, 0, 10_000)
 * for (let call = 0; call < 10; call++) budget.call(0)
 * budget.tryRetry(0) // true
 * budget.tryRetry(0) // true
 * budget.tryRetry(0) // false: 20 % of ten calls are spent
 */
export class BudgetWindow {
  private readonly window: TimeWindow
  private readonly perCall: number = 0
  private readonly floor: number = 0

  /** `percent` of the calls may be repeated, and `minPerSecond` retries in any case, counted over `windowMs`. */
  constructor(percent: number, minPerSecond: number, windowMs: number) {
    // Who shares it brings the time. Before all of that, since the zero of a clock means nothing.
    this.window = new TimeWindow(windowMs, BUDGET_BUCKETS, Number.MIN_SAFE_INTEGER)
    // In units of 1/100 000 retry both terms of the bound are whole numbers whenever the options are.
    this.perCall = percent * 1_000
    this.floor = minPerSecond * windowMs * 100
  }

  /** Calls in the window, first attempts only, as of the last time told. */
  get calls(): number {
    return this.window.successes
  }

  /** Retries in the window, as of the last time told. */
  get retries(): number {
    return this.window.failures
  }

  /** Counts a call, which earns its share of a retry. */
  call(now: number): void {
    this.window.advance(now)
    this.window.success()
  }

  /** Whether a retry would be allowed, without spending it. */
  allows(now: number): boolean {
    this.window.advance(now)
    return this.retries * 100_000 < (this.calls * this.perCall + this.floor) * ALMOST_1
  }

  /** Spends one retry and says true, or says false and changes nothing. */
  tryRetry(now: number): boolean {
    if (!this.allows(now)) return false
    this.window.failure()
    return true
  }
}
