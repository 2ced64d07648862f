/**
 * Who stands out among hosts in the calls of one interval: the two statistical detectors of Envoy's outlier detection (and gRPC's A50). Both judge
 * only hosts with enough calls, and only where there are enough of those.
 */
import type { FailurePercentageRule, SuccessRateRule } from './rules.js'

/** The calls of one host in one interval. */
interface IntervalCount {
  readonly ended: number
  readonly succeeded: number
}

/**
 * Those whose success rate is below mean − factor · σ (σ of the population), and below the mean by the least gap. With a factor of 1.9 one bad
 * host is found among 5 or more, and k equally bad ones while k ÷ n is less than 21.7 %.
 */
export function lowSuccessRates<T extends IntervalCount>(all: readonly T[], rule: SuccessRateRule): T[] {
  const judged = all.filter(({ ended }) => ended >= rule.minVolume && ended > 0)
  if (judged.length < Math.max(1, rule.minHosts)) return []
  const mean = judged.reduce((sum, count) => sum + rateOf(count), 0) / judged.length
  const variance = judged.reduce((sum, count) => sum + (rateOf(count) - mean) ** 2, 0) / judged.length
  const limit = mean - rule.factor * Math.sqrt(variance)
  return judged.filter((count) => rateOf(count) < limit && (mean - rateOf(count)) * 100 >= rule.minGapPercent)
}

/** Those of whose calls so many percent or more fail; compared in whole numbers. */
export function highFailures<T extends IntervalCount>(
  all: readonly T[],
  rule: FailurePercentageRule,
): { readonly outliers: T[]; readonly areAll: boolean } {
  const judged = all.filter(({ ended }) => ended >= rule.minVolume && ended > 0)
  if (judged.length < Math.max(1, rule.minHosts)) return { outliers: [], areAll: false }
  const outliers = judged.filter(
    ({ ended, succeeded }) => (ended - succeeded) * 100 >= rule.thresholdPercent * ended,
  )
  return { outliers, areAll: outliers.length === judged.length }
}

function rateOf({ ended, succeeded }: IntervalCount): number {
  return succeeded / ended
}
