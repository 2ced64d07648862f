/**
 * The options of a hedge, their defaults and their check.
 */
import { readOptions } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import { MAX_NAME_LENGTH } from '../common-options.js'
import type { RetryIf } from '../retry/retry-options.js'
import { RetryBudget } from '../retry/retry-budget.js'

export interface HedgeOptions {
  /** How long an attempt may take before the next joins it; `0`: all begin at once. Default: as `percentile` says. */
  readonly delayMs?: number | undefined
  /**
   * An attempt is slow when it takes longer than so many percent of those of the last half minute, 1 to 99.9. Default 95;
   * not together with `delayMs`. Until 20 attempts have been seen, none is.
   */
  readonly percentile?: number | undefined
  /** Further attempts of one call beside the first, 0 to 10. Default 1. */
  readonly maxHedges?: number | undefined
  /**
   * Further attempts per hundred calls of the last 10 s, 0 to 1000, without a floor for quiet times. Default: twice the
   * share of calls that `percentile` finds slow, or 10 with `delayMs`.
   */
  readonly maxExtraPercent?: number | undefined
  /** Limits further attempts in addition: the budget of the retries that they share it with. Default: none. */
  readonly budget?: RetryBudget | undefined
  /**
   * Whether after this error the next attempt begins at once instead of after the delay. Default: failures and timeouts that
   * are no rejection of ours. Never asked about cancelled and ignored calls. A throw means no.
   */
  readonly hedgeIf?: RetryIf | undefined
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
}

/** Options as they are in force. */
export interface ResolvedHedge {
  readonly delayMs: number | undefined
  readonly percentile: number
  readonly maxHedges: number
  readonly maxExtraPercent: number
  readonly budget: RetryBudget | undefined
  readonly hedgeIf: RetryIf | undefined
  readonly name: string | undefined
  readonly clock: Clock | undefined
}

const KEYS = [
  'delayMs',
  'percentile',
  'maxHedges',
  'maxExtraPercent',
  'budget',
  'hedgeIf',
  'name',
  'clock',
] as const
const DEFAULT_PERCENTILE = 95
const DEFAULT_EXTRA_PERCENT = 10
const MAX_HEDGES = 10

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveHedgeOptions(options: HedgeOptions | undefined): ResolvedHedge {
  const read = readOptions('Hedge', options, KEYS)
  const delayMs = read.durationMs('delayMs', undefined)
  const percentile = read.number('percentile', DEFAULT_PERCENTILE, { min: 1, max: 99.9 })
  if (delayMs !== undefined && read.has('percentile'))
    read.issue('percentile', read.value('percentile'), 'absent beside delayMs, which says the same')
  const extraPercent = delayMs === undefined ? 2 * (100 - percentile) : DEFAULT_EXTRA_PERCENT
  const resolved: ResolvedHedge = {
    delayMs,
    percentile,
    maxHedges: read.integer('maxHedges', 1, { min: 0, max: MAX_HEDGES }),
    maxExtraPercent: read.number('maxExtraPercent', extraPercent, { min: 0, max: 1_000 }),
    budget: read.instance('budget', undefined, RetryBudget),
    hedgeIf: read.fn<RetryIf>('hedgeIf'),
    name: read.string('name', undefined, { maxLength: MAX_NAME_LENGTH }),
    clock: read.clock('clock', undefined),
  }
  read.finish()
  return Object.freeze(resolved)
}
