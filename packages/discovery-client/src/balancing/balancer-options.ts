/** The options of a balancer, their defaults and their check. */
import { MAX_DURATION_MS, readOptions, systemClock, systemRandom } from '@breakwater/kernel'
import type { Clock, Outcome, Random, Runtime } from '@breakwater/kernel'
import type { InstanceSource } from '../instance.js'
import { sourceProblem } from '../sources/source-options.js'
import { STRATEGY_NAMES } from './core/built-in.js'
import type { StrategyName } from './core/built-in.js'
import type { SlowStart } from './core/slow-start.js'
import type { Strategy } from './core/strategy.js'
import { readEjection, readPanic } from './ejection-options.js'
import type { EjectionOptions, PanicOptions } from './ejection-options.js'
import type { FleetSetting } from './fleet.js'
import { readLimit } from './limit-options.js'
import type { LimitOptions, ResolvedLimit } from './limit-options.js'
import { quickRandom } from './quick-random.js'
import {
  readFilter,
  readPriority,
  readProbation,
  readRoute,
  readSlowStart,
  readSubset,
  readZone,
} from './usage-options.js'
import type {
  InstanceMatch,
  PriorityOptions,
  ProbationOptions,
  RouteOptions,
  SlowStartOptions,
  SubsetOptions,
  ZoneOptions,
} from './usage-options.js'

/**
 * What an answer or an error says about the instance that gave it. The last three are failures with their origin: a gateway in front of the
 * instance, our side of the connection, an instance that has too much to do.
 */
export type Judge = (
  outcome: Outcome<unknown>,
) => 'success' | 'failure' | 'ignored' | 'gateway' | 'local' | 'throttled'

export interface BalancerOptions {
  /** Who knows the instances. The balancer watches it until it is disposed, and does not dispose it. */
  readonly source: InstanceSource
  /** The name of the service in that source. */
  readonly service: string
  /** How to choose: a name, or a strategy of your own. Default `adaptive`. */
  readonly strategy?: StrategyName | Strategy | undefined
  /** Leave instances alone for a while that fail more than others. Default: on; `false` switches it off. */
  readonly ejection?: EjectionOptions | false | undefined
  /** When so many are ejected that this is not heeded. Default: while less than half are in service; `false`: only while none is. */
  readonly panic?: PanicOptions | false | undefined
  /**
   * Limit the calls in flight to each instance, by what it can take. One that is full is not chosen; where all are, `pick` throws and `execute` rejects
   * at once, or lets calls wait in `limit.queue`. Default: they are not limited.
   */
  readonly limit?: LimitOptions | false | undefined
  /** Stay in one's own zone while it is well served. Default: zones do not matter, but to the strategy `zoneAvoidance`. */
  readonly zone?: ZoneOptions | undefined
  /** Let instances warm up that come later, or come back from ejection. Default: they get their whole share at once. */
  readonly slowStart?: SlowStartOptions | undefined
  /** Use the instances in levels: the next level only as far as the one before has too few in service. Default: all are equal. */
  readonly priority?: PriorityOptions | false | undefined
  /** Use a few of the instances only. Default: all of them. */
  readonly subset?: SubsetOptions | undefined
  /** Use those instances only that match. Asked once per list. Default: all of them. */
  readonly filter?: InstanceMatch | undefined
  /** Send a part of the traffic to certain instances, such as a canary, and none of the rest. Asked once per list. Default: all are equal. */
  readonly route?: RouteOptions | undefined
  /** Keep instances that vanish with many others from a list, while they answer. Default `false`: the source is believed. */
  readonly probation?: ProbationOptions | false | undefined
  /**
   * Report picks that are not `done` after this time, in milliseconds; found within twice the time. From 1 000; `false`: never. Default 600 000.
   */
  readonly leakAlarmMs?: number | false | undefined
  /**
   * What a failure or timeout counts as in the latency of an instance, at least, in milliseconds; without it an instance that
   * fails at once would look like the fastest. `adaptive` takes a hundred times the latency of the others, if that is more. Default 1 000; with
   * `adaptive` two hundred times the latency of the others, if that is less.
   */
  readonly failurePenaltyMs?: number | undefined
  /**
   * Judges the calls of `execute`. Answers can be failures (a response with status 503) and errors can be nobody's fault (status
   * 404). Not asked about cancelled calls and our own refusals, which never count. Default: answers are good, errors are not. A throw counts as the default.
   */
  readonly classify?: Judge | undefined
  /** Under which name its numbers are shown by exporters. Default: they are not. */
  readonly name?: string | undefined
  /** Where they are shown. Default: the runtime of the process. */
  readonly runtime?: Runtime | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** Options as they are in force. */
export interface ResolvedBalancer extends FleetSetting {
  readonly source: InstanceSource
  readonly service: string
  readonly zone: ReturnType<typeof readZone>
  readonly subset: ReturnType<typeof readSubset>
  readonly slowStart: SlowStart | undefined
  readonly limit: ResolvedLimit | undefined
  readonly failurePenaltyMs: number | undefined
  readonly classify: Judge | undefined
  readonly name: string | undefined
  readonly runtime: Runtime | undefined
  readonly clock: Clock
}

const KEYS = [
  'source',
  'service',
  'strategy',
  'ejection',
  'panic',
  'limit',
  'zone',
  'slowStart',
  'priority',
  'subset',
  'filter',
  'route',
  'probation',
  'leakAlarmMs',
  'failurePenaltyMs',
  'classify',
  'name',
  'runtime',
  'clock',
  'random',
] as const
const LEAK_ALARM_MS = 600_000

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveBalancerOptions(options: BalancerOptions): ResolvedBalancer {
  const read = readOptions('createBalancer', options, KEYS)
  const source = read.custom<InstanceSource, undefined>('source', undefined, sourceProblem)
  if (!read.has('source')) read.issue('source', undefined, 'a source of instances')
  const service = read.string('service', undefined, { minLength: 1 })
  if (!read.has('service')) read.issue('service', undefined, 'the name of a service')
  const random = quickRandom(read.random('random', systemRandom))
  const resolved = {
    strategy: readStrategy(read),
    ejection: readEjection(read),
    panicPercent: readPanic(read),
    limit: readLimit(read),
    zone: readZone(read),
    slowStart: readSlowStart(read),
    priority: readPriority(read),
    subset: readSubset(read, () => Math.floor(random.next() * 2 ** 32)),
    filter: readFilter(read),
    route: readRoute(read),
    probation: readProbation(read),
    leakAlarmMs:
      read.value('leakAlarmMs') === false
        ? undefined
        : read.durationMs('leakAlarmMs', LEAK_ALARM_MS, { min: 1_000 }),
    failurePenaltyMs: read.durationMs('failurePenaltyMs', undefined, { max: MAX_DURATION_MS }),
    classify: read.fn<Judge>('classify'),
    name: read.string('name', undefined, { minLength: 1 }),
    runtime: read.runtime('runtime', undefined),
    clock: read.clock('clock', systemClock),
    random,
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

function strategyProblem(value: unknown): string | undefined {
  const { name, picker } = value as Partial<Strategy>
  return typeof name === 'string' && typeof picker === 'function'
    ? undefined
    : 'a name, or a strategy: { name, picker }'
}
