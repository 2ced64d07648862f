/** The words and the resolved settings of ejection. Its options and their defaults are in `ejection-options.ts`. */

/** What can find an instance to be an outlier. `trial`: it failed the call that was to show whether it is back. */
export type EjectionDetector =
  | 'consecutiveFailures'
  | 'consecutiveGatewayFailures'
  | 'consecutiveLocalFailures'
  | 'successRate'
  | 'failurePercentage'
  | 'trial'

/** Detectors that count failures in a row. */
export type RowDetector = 'consecutiveFailures' | 'consecutiveGatewayFailures' | 'consecutiveLocalFailures'

/** Why an outlier was left in service: as many are ejected as may be, chance decided so, or all others fail as well. */
export type SparedReason = 'max_ejected' | 'enforcing_percent' | 'common_fault'

/**
 * Where a failure comes from: from the instance's own answer, from a gateway in front of it (502, 503, 504), from our side of the
 * connection (refused, reset, no route), or from an instance that answers but has too much to do (429).
 */
export type FailureOrigin = 'answer' | 'gateway' | 'local' | 'throttled'

export const EJECTION_DETECTORS: readonly EjectionDetector[] = Object.freeze([
  'consecutiveFailures',
  'consecutiveGatewayFailures',
  'consecutiveLocalFailures',
  'successRate',
  'failurePercentage',
  'trial',
] as const)

/** Hosts whose share of successes is far below the mean: by `factor` standard deviations, and by `minGapPercent`. */
export interface SuccessRateRule {
  readonly factor: number
  readonly minHosts: number
  readonly minVolume: number
  readonly minGapPercent: number
}

/** Hosts of whose calls `thresholdPercent` or more fail. */
export interface FailurePercentageRule {
  readonly thresholdPercent: number
  readonly minHosts: number
  readonly minVolume: number
}

/** Ejection as it is in force. A detector that is off has no threshold. */
export interface EjectionRules {
  readonly consecutiveFailures: number | undefined
  readonly consecutiveGatewayFailures: number | undefined
  readonly consecutiveLocalFailures: number | undefined
  readonly splitLocalFailures: boolean
  readonly successRate: SuccessRateRule | undefined
  readonly failurePercentage: FailurePercentageRule | undefined
  readonly enforcingPercent: Readonly<Record<EjectionDetector, number>>
  readonly spareCommonFaults: boolean
  readonly intervalMs: number
  readonly baseMs: number
  readonly maxMs: number
  readonly jitterMs: number
  readonly maxEjectedPercent: number
  readonly alwaysEjectOne: boolean
  readonly recovery: 'trial' | 'timer'
}
