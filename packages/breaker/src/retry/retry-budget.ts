/**
 * A budget for retries, to share between policies: what keeps retries from becoming the outage.
 */
import { readOptions } from '@breakwater/kernel'
import { TimeWindow } from '../circuit-breaker/core/time-window.js'
import { isKnownAs } from '../known-by-kind.js'
import { BUDGET_BUCKETS, BudgetWindow } from './core/budget-window.js'

export interface RetryBudgetOptions {
  /** Retries allowed per hundred calls of the window, 0 to 1000. Default 20. */
  readonly percent?: number | undefined
  /** Retries allowed per second whatever the traffic, 0 to 1 000 000. Default 3. */
  readonly minPerSecond?: number | undefined
  /** What is counted, in milliseconds; divisible by 10. Default 10 000. */
  readonly windowMs?: number | undefined
}

/**
 * Allows a retry while the retries of the window are fewer than `percent` of its calls plus `minPerSecond` for each of
 * its seconds. Policies that share one share the allowance.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { Retry, RetryBudget } from '@breakwater/breaker'
 *
 * const budget = new RetryBudget({ percent: 10 })
 * const reads = new Retry({ budget })
 * const writes = new Retry({ budget, maxRetries: 1 })
 * ```
 */
export class RetryBudget {
  private readonly window: BudgetWindow

  constructor(options: RetryBudgetOptions = {}) {
    const read = readOptions('RetryBudget', options, ['percent', 'minPerSecond', 'windowMs'])
    const percent = read.number('percent', 20, { min: 0, max: 1_000 })
    const minPerSecond = read.number('minPerSecond', 3, { min: 0, max: 1_000_000 })
    const windowMs = read.durationMs('windowMs', 10_000, { min: BUDGET_BUCKETS })
    if (read.issues.length === 0 && TimeWindow.problem(windowMs, BUDGET_BUCKETS) !== undefined) {
      read.issue(
        'windowMs',
        windowMs,
        `a number of milliseconds that ${String(BUDGET_BUCKETS)} divides evenly`,
      )
    }
    read.finish()
    this.window = new BudgetWindow(percent, minPerSecond, windowMs)
  }

  /** @internal */
  static get kind(): string {
    return 'breakwater.retry-budget@1'
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return isKnownAs(this, value)
  }

  /** Calls and retries of the window, as of the last one. */
  snapshot(): { readonly calls: number; readonly retries: number } {
    const { calls, retries } = this.window
    return { calls, retries }
  }

  /** Counts a call, which earns its share of a retry. @internal */
  called(now: number): void {
    this.window.call(now)
  }

  /** Spends one retry, or answers `false`. @internal */
  trySpend(now: number): boolean {
    return this.window.tryRetry(now)
  }
}
