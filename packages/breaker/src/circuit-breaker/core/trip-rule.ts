/**
 * The rules by which a breaker trips, as data, and the reading of each against the counts.
 */

/** The counts that a rule may look at. */
export interface BreakerStats {
  readonly successes: number
  readonly failures: number
  /** Calls seen to be slow, in flight or ended; 0 where no slow-call rule has watched. */
  readonly slow: number
  /** Calls that ended: successes and failures. */
  readonly total: number
  /** Failures in percent of the total, not rounded; 0 when there were no calls. */
  readonly errorPercent: number
  readonly consecutiveFailures: number
}

/** Calls that ended, and how many percent of them failed. */
export type ErrorShare = Pick<BreakerStats, 'total' | 'errorPercent'>

interface Rolling {
  readonly windowMs: number
  readonly buckets: number
}

export interface ErrorRateRule extends Rolling {
  readonly kind: 'error-rate'
  readonly percent: number
  readonly volume: number
}

export interface SlowCallsRule extends Rolling {
  readonly kind: 'slow-calls'
  readonly percent: number
  readonly slowerThanMs: number
  readonly volume: number
}

export interface CountRateRule {
  readonly kind: 'count-rate'
  readonly percent: number
  readonly size: number
  readonly volume: number
}

export interface ConsecutiveFailuresRule {
  readonly kind: 'consecutive-failures'
  readonly failures: number
}

export interface CustomRule {
  readonly kind: 'custom'
  readonly when: (stats: BreakerStats) => boolean
}

/** One rule by which a breaker trips; several are alternatives. */
export type TripRule = ErrorRateRule | SlowCallsRule | CountRateRule | ConsecutiveFailuresRule | CustomRule

/** Forgives the rounding of one product: 1.1 · 3000 is a little more than 3300, but 33 of 3000 are 1.1 %. */
export const ALMOST_1: number = 1 - 4 * Number.EPSILON

/** Whether `part` of `total` reaches `percent`, exactly, once there are `volume`. */
export function reaches(
  part: number,
  total: number,
  rule: { readonly percent: number; readonly volume: number },
): boolean {
  return total >= rule.volume && part * 100 >= rule.percent * total * ALMOST_1
}

/** Pairs of rules that contradict each other, as the index of the later one with what is wrong. */
export function conflictingRules(rules: readonly TripRule[]): { index: number; problem: string }[] {
  const problems: { index: number; problem: string }[] = []
  rules.forEach((rule, index) => {
    const earlier = rules.slice(0, index)
    const onlyOnce = rule.kind !== 'error-rate' && rule.kind !== 'custom'
    if (onlyOnce && earlier.some(({ kind }) => kind === rule.kind)) {
      problems.push({ index, problem: `at most one ${rule.kind} rule: two of them contradict each other` })
    }
  })
  return problems
}
