/** The options of ejection and of panic, their defaults and their check. Why these defaults: `docs/decisions/0009-ejection.md`. */
import type { OptionReader } from '@breakwater/kernel'
import { EJECTION_DETECTORS } from './core/ejection/rules.js'
import type {
  EjectionDetector,
  EjectionRules,
  FailurePercentageRule,
  SuccessRateRule,
} from './core/ejection/rules.js'

/** Who is an outlier, and for how long it gets no calls. */
export interface EjectionOptions {
  /** So many failures and timeouts in a row. From 1; `false`: never. Default 5. */
  readonly consecutiveFailures?: number | false | undefined
  /**
   * So many failures in a row that a gateway in front of the instance answered (502, 503, 504), or that happened on our side of the connection;
   * timeouts among them. From 1; `false`: never. Default `false`.
   */
  readonly consecutiveGatewayFailures?: number | false | undefined
  /** So many failures in a row on our side of the connection: refused, reset, no route. From 1; `false`: never. Default `false`. */
  readonly consecutiveLocalFailures?: number | false | undefined
  /** Failures on our side of the connection count for `consecutiveLocalFailures` only. Default `false`. */
  readonly splitLocalFailures?: boolean | undefined
  /** Instances whose share of successes in an interval is far below the others'. Needs five instances. `false`: off. */
  readonly successRate?: SuccessRateOptions | false | undefined
  /** Instances of whose calls in an interval too many fail. `false`: off. */
  readonly failurePercentage?: FailurePercentageOptions | false | undefined
  /** In how many percent of the cases the finding of a detector is acted upon. From 0 to 100. Default 100 each. */
  readonly enforcingPercent?:
    Readonly<Partial<Record<Exclude<EjectionDetector, 'trial'>, number | undefined>>> | undefined
  /** Nobody is ejected for failures while all others fail too. Default `true`. */
  readonly spareCommonFaults?: boolean | undefined
  /** How often rates are judged, and after how long in service an ejection counts as paid for, in milliseconds. From 1. Default 10 000. */
  readonly intervalMs?: number | undefined
  /** How long the first ejection lasts; each further one lasts so much longer. In milliseconds, from 1. Default 10 000. */
  readonly baseEjectionMs?: number | undefined
  /** How long an ejection lasts at most, in milliseconds. From 1. Default 300 000. */
  readonly maxEjectionMs?: number | undefined
  /** Up to so much is added to each ejection by chance, in milliseconds, so that many clients do not come back at once. Default 1 000. */
  readonly jitterMs?: number | undefined
  /** So many of the instances are ejected at once at most, in percent, and never the last one. From 0 to 100. Default 50. */
  readonly maxEjectedPercent?: number | undefined
  /** One of two or more instances may be ejected even where that is a larger share. Default `true`. */
  readonly alwaysEjectOne?: boolean | undefined
  /**
   * How an instance comes back: by the success of a single call (`trial`), or with all its traffic when the time is over (`timer`, as in Envoy).
   * Default `trial`.
   */
  readonly recovery?: 'trial' | 'timer' | undefined
}

/** Mean − `factor` · standard deviation, as in Envoy. */
export interface SuccessRateOptions {
  /** How many standard deviations below the mean. From 0 to 100. Default 1.9. */
  readonly factor?: number | undefined
  /** Not judged with fewer instances that have had enough calls. From 1. Default 5. */
  readonly minHosts?: number | undefined
  /** So many calls in an interval are enough. From 1. Default 100. */
  readonly minVolume?: number | undefined
  /** So many percentage points below the mean at least: where all are nearly perfect, deviations are tiny. From 0 to 100. Default 5. */
  readonly minGapPercent?: number | undefined
}

/** A share of failures that is too high whatever the others do. */
export interface FailurePercentageOptions {
  /** From 1 to 100. Default 50. */
  readonly thresholdPercent?: number | undefined
  /** Not judged with fewer instances that have had enough calls. From 1. Default 2. */
  readonly minHosts?: number | undefined
  /** So many calls in an interval are enough. From 1. Default 20. */
  readonly minVolume?: number | undefined
}

/** When ejection is not heeded. */
export interface PanicOptions {
  /**
   * While less than this share of the instances, in percent, is in service. With `priority` that is the share of a level, and only while all levels
   * together cannot take the load. From 0 to 100; with 0, only while none is. Default 50.
   */
  readonly percent?: number | undefined
}

/**
 * Ejection exactly as Envoy does it by default, for comparisons: nothing is ejected among fewer than ten instances, all traffic comes back at once
 * when the time is over, and a fault of all is no reason to spare.
 *
 * @example
 * ```ts
 * import { createBalancer, envoyEjection, StaticSource } from '@breakwater/discovery-client'
 *
 * const source = new StaticSource({ users: ['http://127.0.0.1:9001', 'http://127.0.0.1:9002'] })
 * using users = createBalancer({ source, service: 'users', ejection: { ...envoyEjection, alwaysEjectOne: true } })
 * console.log(users.snapshot().ejected) // 0
 * ```
 */
export const envoyEjection: EjectionOptions = Object.freeze({
  consecutiveFailures: 5,
  consecutiveGatewayFailures: 5,
  successRate: { factor: 1.9, minHosts: 5, minVolume: 100, minGapPercent: 0 },
  failurePercentage: { thresholdPercent: 85, minHosts: 5, minVolume: 50 },
  enforcingPercent: { consecutiveGatewayFailures: 0, failurePercentage: 0 },
  spareCommonFaults: false,
  intervalMs: 10_000,
  baseEjectionMs: 30_000,
  maxEjectionMs: 300_000,
  jitterMs: 0,
  maxEjectedPercent: 10,
  alwaysEjectOne: false,
  recovery: 'timer',
})

const KEYS = [
  'consecutiveFailures',
  'consecutiveGatewayFailures',
  'consecutiveLocalFailures',
  'splitLocalFailures',
  'successRate',
  'failurePercentage',
  'enforcingPercent',
  'spareCommonFaults',
  'intervalMs',
  'baseEjectionMs',
  'maxEjectionMs',
  'jitterMs',
  'maxEjectedPercent',
  'alwaysEjectOne',
  'recovery',
] as const
const FOUND_BY_CALLS = EJECTION_DETECTORS.filter((detector) => detector !== 'trial')
const PERCENT = { min: 0, max: 100 } as const

type Reader = OptionReader<(typeof KEYS)[number]>

/** Reads `ejection`; `undefined` when it is off. */
export function readEjection(read: OptionReader<'ejection'>): EjectionRules | undefined {
  if (read.value('ejection') === false) return undefined
  const given = read.nested('ejection', KEYS)
  return Object.freeze({
    consecutiveFailures: readCount(given, 'consecutiveFailures', 5),
    consecutiveGatewayFailures: readCount(given, 'consecutiveGatewayFailures', undefined),
    consecutiveLocalFailures: readCount(given, 'consecutiveLocalFailures', undefined),
    splitLocalFailures: given.boolean('splitLocalFailures', false),
    successRate: readSuccessRate(given),
    failurePercentage: readFailurePercentage(given),
    enforcingPercent: readEnforcing(given),
    spareCommonFaults: given.boolean('spareCommonFaults', true),
    intervalMs: given.durationMs('intervalMs', 10_000, { min: 1 }),
    baseMs: given.durationMs('baseEjectionMs', 10_000, { min: 1 }),
    maxMs: given.durationMs('maxEjectionMs', 300_000, { min: 1 }),
    jitterMs: given.durationMs('jitterMs', 1_000),
    maxEjectedPercent: given.number('maxEjectedPercent', 50, PERCENT),
    alwaysEjectOne: given.boolean('alwaysEjectOne', true),
    recovery: given.oneOf('recovery', 'trial', ['trial', 'timer']),
  })
}

/** Reads `panic`: the share of instances in service, in percent, below which ejection is not heeded. */
export function readPanic(read: OptionReader<'panic'>): number {
  if (read.value('panic') === false) return 0
  return read.nested('panic', ['percent']).number('percent', 50, PERCENT)
}

function readCount<D extends number | undefined>(
  given: Reader,
  key: 'consecutiveFailures' | 'consecutiveGatewayFailures' | 'consecutiveLocalFailures',
  fallback: D,
): number | D | undefined {
  return given.value(key) === false ? undefined : given.integer(key, fallback, { min: 1 })
}

function readSuccessRate(given: Reader): SuccessRateRule | undefined {
  if (given.value('successRate') === false) return undefined
  const rule = given.nested('successRate', ['factor', 'minHosts', 'minVolume', 'minGapPercent'])
  return {
    factor: rule.number('factor', 1.9, PERCENT),
    minHosts: rule.integer('minHosts', 5, { min: 1 }),
    minVolume: rule.integer('minVolume', 100, { min: 1 }),
    minGapPercent: rule.number('minGapPercent', 5, PERCENT),
  }
}

function readFailurePercentage(given: Reader): FailurePercentageRule | undefined {
  if (given.value('failurePercentage') === false) return undefined
  const rule = given.nested('failurePercentage', ['thresholdPercent', 'minHosts', 'minVolume'])
  return {
    thresholdPercent: rule.number('thresholdPercent', 50, { min: 1, max: 100 }),
    minHosts: rule.integer('minHosts', 2, { min: 1 }),
    minVolume: rule.integer('minVolume', 20, { min: 1 }),
  }
}

function readEnforcing(given: Reader): Readonly<Record<EjectionDetector, number>> {
  const enforcing = given.nested('enforcingPercent', FOUND_BY_CALLS)
  return {
    consecutiveFailures: enforcing.number('consecutiveFailures', 100, PERCENT),
    consecutiveGatewayFailures: enforcing.number('consecutiveGatewayFailures', 100, PERCENT),
    consecutiveLocalFailures: enforcing.number('consecutiveLocalFailures', 100, PERCENT),
    successRate: enforcing.number('successRate', 100, PERCENT),
    failurePercentage: enforcing.number('failurePercentage', 100, PERCENT),
    trial: 100,
  }
}
