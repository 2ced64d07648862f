/**
 * The options of an adaptive limiter, their defaults and their check.
 */
import { defaultRuntime, readOptions, systemClock, systemRandom } from '@breakwater/kernel'
import type { Clock, OptionReader, Outcome, Random, Runtime } from '@breakwater/kernel'
import { MAX_NAME_LENGTH } from '../common-options.js'
import type { SlotQueueOptions, SlotRules } from '../bulkhead/slot-rules.js'
import { AIMD_RULES } from './core/aimd.js'
import type { AimdRules } from './core/aimd.js'
import type { Gradient2Rules } from './core/gradient2.js'
import type { VegasRules } from './core/vegas.js'
import { readPartitions } from './partitions.js'
import type { Partitions } from './partitions.js'

/** How the limit is found. */
export type LimitAlgorithm = 'gradient2' | 'vegas' | 'aimd'

/** What the end of a call says about the limit: all is well, it was too much for the other side, or nothing. */
export type LoadVerdict = 'success' | 'dropped' | 'ignored'

export interface AdaptiveLimiterOptions {
  /**
   * `gradient2` compares latencies with those of a long time, `vegas` with the lowest, and `aimd` only hears of what was
   * dropped. Default `gradient2`.
   */
  readonly algorithm?: LimitAlgorithm | undefined
  /** The lowest limit, from 1. Default 1. */
  readonly min?: number | undefined
  /** The highest limit, to 1 000 000. Default 200, or `min` if that is more. */
  readonly max?: number | undefined
  /** The limit at first, between `min` and `max`. Default 20, or what of it is possible. */
  readonly initial?: number | undefined
  /** Where calls wait for a slot. Default: nobody waits. */
  readonly queue?: SlotQueueOptions | undefined
  /** Shares of the limit that kinds of calls are sure of when it is used up. */
  readonly partitions?: Partitions | undefined
  /**
   * What the end of a call says. Default: timeouts and answers or errors with the status 429 or 503 were dropped, other
   * failures say nothing. Not asked about cancelled, ignored and refused calls, which say nothing. A throw is reported
   * and means `ignored`.
   */
  readonly classify?: ((outcome: Outcome<unknown>) => LoadVerdict) | undefined
  /** Only for `aimd`. */
  readonly aimd?:
    | {
        /** What is left of the limit after a drop, from 0.01 to 0.99. Default 0.9. */
        readonly backoffRatio?: number | undefined
        /** Who takes longer counts as dropped, in milliseconds. Default 5 000. */
        readonly slowerThanMs?: number | undefined
      }
    | undefined
  /** Only for `gradient2`. */
  readonly gradient2?:
    | {
        /** How many times the long-term latency is still good, from 1 to 100. Default 1.5. */
        readonly tolerance?: number | undefined
        /** Calls that may queue at the dependency. Default 4. */
        readonly queueSize?: number | undefined
        /** How much of a new value is taken at once, from 0.01 to 1. Default 0.2. */
        readonly smoothing?: number | undefined
        /** Windows that make up the long-term latency. Default 600. */
        readonly longWindow?: number | undefined
      }
    | undefined
  /** Only for `vegas`. */
  readonly vegas?:
    | {
        /** The latency without a queue, where it is known, in milliseconds. Default: found out, now and then anew. */
        readonly noLoadMs?: number | undefined
      }
    | undefined
  /** Of `gradient2` and `vegas`: how long calls are summed up for one change of the limit, in milliseconds. Default 1 000. */
  readonly windowMs?: number | undefined
  /** Of `gradient2` and `vegas`: how many calls it takes at least for one change of the limit. Default 10. */
  readonly minSamples?: number | undefined
  /** As for a bulkhead. Default `false`. */
  readonly releaseOnTimeout?: boolean | undefined
  /** Registers an instrument for exporters. */
  readonly name?: string | undefined
  readonly group?: string | undefined
  /** Where a named limiter registers. Default: the runtime of the process. */
  readonly runtime?: Runtime | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** Options as they are in force. */
export interface ResolvedAdaptiveLimiter extends Omit<SlotRules, 'limit' | 'priority'> {
  readonly algorithm: LimitAlgorithm
  readonly min: number
  readonly max: number
  readonly initial: number
  readonly partitions: Partitions | undefined
  readonly classify: ((outcome: Outcome<unknown>) => LoadVerdict) | undefined
  readonly aimd: AimdRules
  readonly gradient2: Gradient2Rules
  readonly vegas: VegasRules
  readonly windowMs: number
  readonly minSamples: number
  readonly group: string | undefined
  readonly runtime: Runtime | undefined
  readonly random: Random
}

const KEYS = [
  'algorithm',
  'min',
  'max',
  'initial',
  'queue',
  'partitions',
  'classify',
  'aimd',
  'gradient2',
  'vegas',
  'windowMs',
  'minSamples',
  'releaseOnTimeout',
  'name',
  'group',
  'runtime',
  'clock',
  'random',
] as const
const MAX_COUNT = 1_000_000
const ALGORITHMS = ['gradient2', 'vegas', 'aimd'] as const
const DEFAULT_INITIAL = 20
const DEFAULT_MAX = 200

type Reader = OptionReader<(typeof KEYS)[number]>

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveAdaptiveLimiterOptions(
  options: AdaptiveLimiterOptions | undefined,
): ResolvedAdaptiveLimiter {
  const read = readOptions('AdaptiveLimiter', options, KEYS)
  const algorithm = read.oneOf('algorithm', 'gradient2', ALGORITHMS)
  const bounds = readBounds(read)
  const queue = read.nested('queue', ['limit', 'maxWaitMs', 'order'])
  const name = read.string('name', undefined, { maxLength: MAX_NAME_LENGTH })
  const runtime = read.runtime('runtime', undefined)
  const resolved: ResolvedAdaptiveLimiter = {
    algorithm,
    ...bounds,
    ...readRules(read, bounds),
    queueLimit: queue.integer('limit', 0, { min: 0, max: MAX_COUNT }),
    maxWaitMs: queue.durationMs('maxWaitMs', undefined) ?? Infinity,
    order: queue.oneOf('order', 'fifo', ['fifo', 'lifo']),
    partitions: read.has('partitions')
      ? readPartitions(read.nested('partitions', ['by', 'percents']))
      : undefined,
    classify: read.fn<(outcome: Outcome<unknown>) => LoadVerdict>('classify'),
    windowMs: read.durationMs('windowMs', 1_000, { min: 1 }),
    minSamples: read.integer('minSamples', 10, { min: 1, max: MAX_COUNT }),
    releaseOnTimeout: read.boolean('releaseOnTimeout', false),
    name,
    group: read.string('group', undefined, { maxLength: MAX_NAME_LENGTH }),
    runtime: name === undefined ? undefined : (runtime ?? defaultRuntime()),
    clock: read.clock('clock', systemClock),
    random: read.random('random', systemRandom),
  }
  refuseWhatIsForOthers(read, algorithm)
  read.finish()
  return Object.freeze(resolved)
}

function readBounds(read: Reader): Pick<ResolvedAdaptiveLimiter, 'min' | 'max' | 'initial'> {
  const min = read.integer('min', 1, { min: 1, max: MAX_COUNT })
  const max = read.integer('max', Math.max(min, DEFAULT_MAX), { min: 1, max: MAX_COUNT })
  if (max < min) read.issue('max', max, `at least min, ${String(min)}`)
  const initial = read.integer('initial', undefined, { min, max: Math.max(min, max) })
  return { min, max, initial: initial ?? Math.min(max, Math.max(min, DEFAULT_INITIAL)) }
}

function readRules(
  read: Reader,
  { min, max }: { readonly min: number; readonly max: number },
): Pick<ResolvedAdaptiveLimiter, 'aimd' | 'gradient2' | 'vegas'> {
  const aimd = read.nested('aimd', ['backoffRatio', 'slowerThanMs'])
  const gradient2 = read.nested('gradient2', ['tolerance', 'queueSize', 'smoothing', 'longWindow'])
  return {
    aimd: {
      min,
      max,
      backoffRatio: aimd.number('backoffRatio', AIMD_RULES.backoffRatio, { min: 0.01, max: 0.99 }),
      slowerThanMs: aimd.durationMs('slowerThanMs', AIMD_RULES.slowerThanMs, { min: 1 }),
    },
    gradient2: {
      min,
      max,
      tolerance: gradient2.number('tolerance', 1.5, { min: 1, max: 100 }),
      queueSize: gradient2.number('queueSize', 4, { min: 0, max: MAX_COUNT }),
      smoothing: gradient2.number('smoothing', 0.2, { min: 0.01, max: 1 }),
      longWindow: gradient2.integer('longWindow', 600, { min: 1, max: MAX_COUNT }),
    },
    vegas: {
      min,
      max,
      noLoadMs: read.nested('vegas', ['noLoadMs']).durationMs('noLoadMs', undefined, { min: 0.001 }),
    },
  }
}

function refuseWhatIsForOthers(read: Reader, algorithm: LimitAlgorithm): void {
  // Of each mistake once; and what belongs to an algorithm that could not be read is not known.
  const faulty = new Set(read.issues.map(({ path }) => path))
  const isForOthers = (key: Parameters<Reader['has']>[0]): boolean => read.has(key) && !faulty.has(key)
  if (faulty.has('algorithm')) return
  for (const key of ALGORITHMS) {
    if (key !== algorithm && isForOthers(key))
      read.issue(key, read.value(key), `absent: the algorithm is ${algorithm}`)
  }
  for (const key of ['windowMs', 'minSamples'] as const) {
    if (algorithm === 'aimd' && isForOthers(key))
      read.issue(key, read.value(key), 'absent: aimd hears of each call')
  }
}
