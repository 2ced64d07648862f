/** The options of a balancer, their defaults and their check. */
import { MAX_DURATION_MS, readOptions, systemClock, systemRandom } from '@breakwater/kernel'
import type { Clock, Outcome, Random } from '@breakwater/kernel'
import type { InstanceSource } from '../instance.js'
import { clockProblem, sourceProblem } from '../sources/source-options.js'
import { STRATEGY_NAMES } from './core/built-in.js'
import type { StrategyName } from './core/built-in.js'
import type { OwnZone } from './core/own-zone.js'
import type { SlowStart } from './core/slow-start.js'
import type { Strategy } from './core/strategy.js'

/** What an answer or an error says about the instance that gave it. */
export type Judge = (outcome: Outcome<unknown>) => 'success' | 'failure' | 'ignored'

export interface BalancerOptions {
  /** Who knows the instances. The balancer watches it until it is disposed, and does not dispose it. */
  readonly source: InstanceSource
  /** The name of the service in that source. */
  readonly service: string
  /** How to choose: a name, or a strategy of your own. Default `adaptive`. */
  readonly strategy?: StrategyName | Strategy | undefined
  /** Stay in one's own zone while it is well served. Default: zones do not matter, but to the strategy `zoneAvoidance`. */
  readonly zone?: ZoneOptions | undefined
  /** Let instances that come later warm up. Default: they get their whole share at once. */
  readonly slowStart?: SlowStartOptions | undefined
  /**
   * What a failure or timeout counts as in the latency of an instance, at least, in milliseconds; without it an instance that
   * fails at once would look like the fastest. Default 5 000.
   */
  readonly failurePenaltyMs?: number | undefined
  /**
   * Judges the calls of `execute`. Answers can be failures (a response with status 503) and errors can be nobody's fault (status
   * 404). Not asked about cancelled calls and our own refusals, which never count. Default: answers are good, errors are not. A throw counts as the default.
   */
  readonly classify?: Judge | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** When calls stay in their own zone. */
export interface ZoneOptions {
  /** The name of the zone, as instances have it. */
  readonly own: string
  /** Leave the zone while fewer instances of it are in service. From 1. Default 2. */
  readonly minAvailable?: number | undefined
  /** Leave the zone while so many of its instances, in percent, rest after failures. From 1 to 100. Default 80. */
  readonly maxRestingPercent?: number | undefined
}

/** How instances warm up: by `(time up ÷ windowMs) ^ (1 ÷ aggression)` of their share. */
export interface SlowStartOptions {
  /** How long, in milliseconds. From 1. Default 30 000. */
  readonly windowMs?: number | undefined
  /** 1: evenly; more: faster at the beginning. From 0.1 to 100. Default 1. */
  readonly aggression?: number | undefined
  /** The least part of the share, in percent. From 1 to 100. Default 10. */
  readonly minPercent?: number | undefined
}

/** Options as they are in force. */
export interface ResolvedBalancer {
  readonly source: InstanceSource
  readonly service: string
  readonly strategy: StrategyName | Strategy
  readonly zone: OwnZone | undefined
  readonly slowStart: SlowStart | undefined
  readonly failurePenaltyMs: number
  readonly classify: Judge | undefined
  readonly clock: Clock
  readonly random: Random
}

const KEYS = [
  'source',
  'service',
  'strategy',
  'zone',
  'slowStart',
  'failurePenaltyMs',
  'classify',
  'clock',
  'random',
] as const
const FAILURE_PENALTY_MS = 5_000

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveBalancerOptions(options: BalancerOptions): ResolvedBalancer {
  const read = readOptions('createBalancer', options, KEYS)
  const source = read.custom<InstanceSource, undefined>('source', undefined, sourceProblem)
  if (!read.has('source')) read.issue('source', undefined, 'a source of instances')
  const service = read.string('service', undefined, { minLength: 1 })
  if (!read.has('service')) read.issue('service', undefined, 'the name of a service')
  const resolved = {
    strategy: readStrategy(read),
    zone: readZone(read),
    slowStart: readSlowStart(read),
    failurePenaltyMs: read.durationMs('failurePenaltyMs', FAILURE_PENALTY_MS, { max: MAX_DURATION_MS }),
    classify: read.fn<Judge>('classify'),
    clock: read.custom<Clock, Clock>('clock', systemClock, clockProblem),
    random: read.custom<Random, Random>('random', systemRandom, randomProblem),
  }
  read.finish()
  // `finish` has thrown if one of them is missing.
  return Object.freeze({ ...resolved, source: source as InstanceSource, service: service as string })
}

type Reader = ReturnType<typeof readOptions<(typeof KEYS)[number]>>

function readStrategy(read: Reader): StrategyName | Strategy {
  const given = read.value('strategy')
  if (typeof given === 'object' && given !== null) {
    return read.custom<Strategy, undefined>('strategy', undefined, strategyProblem) ?? 'adaptive'
  }
  return read.oneOf('strategy', 'adaptive', STRATEGY_NAMES)
}

function readZone(read: Reader): OwnZone | undefined {
  if (!read.has('zone')) return undefined
  const zone = read.nested('zone', ['own', 'minAvailable', 'maxRestingPercent'])
  const own = zone.string('own', '', { minLength: 1 })
  if (!zone.has('own')) zone.issue('own', undefined, 'the name of a zone')
  const minAvailable = zone.integer('minAvailable', 2, { min: 1 })
  return { own, minAvailable, maxRestingPercent: zone.number('maxRestingPercent', 80, { min: 1, max: 100 }) }
}

function readSlowStart(read: Reader): SlowStart | undefined {
  if (!read.has('slowStart')) return undefined
  const slowStart = read.nested('slowStart', ['windowMs', 'aggression', 'minPercent'])
  return {
    windowMs: slowStart.durationMs('windowMs', 30_000, { min: 1 }),
    aggression: slowStart.number('aggression', 1, { min: 0.1, max: 100 }),
    minPercent: slowStart.number('minPercent', 10, { min: 1, max: 100 }),
  }
}

function strategyProblem(value: unknown): string | undefined {
  const { name, picker } = value as Partial<Strategy>
  return typeof name === 'string' && typeof picker === 'function'
    ? undefined
    : 'a name, or a strategy: { name, picker }'
}

function randomProblem(value: unknown): string | undefined {
  return typeof (value as Partial<Random>).next === 'function' ? undefined : 'a source of chance: { next }'
}
