/**
 * The options of a circuit breaker, their defaults and their check.
 */
import {
  defaultRuntime,
  MAX_DURATION_MS,
  readOptions,
  reportInternalError,
  systemClock,
  systemRandom,
} from '@breakwater/kernel'
import type { Clock, OptionReader, Outcome, Random, Runtime } from '@breakwater/kernel'
import { constant, exponential, isBackoff } from '../backoff/backoff.js'
import type { Backoff } from '../backoff/backoff.js'
import { MAX_NAME_LENGTH } from '../common-options.js'
import { HYSTRIX_OPEN, HYSTRIX_TRIP, readHystrixRules } from './compat-options.js'
import type { Compat } from './core/line.js'
import type { MachineConfig } from './core/machine-data.js'
import { conflictingRules } from './core/trip-rule.js'
import type { TripRule } from './core/trip-rule.js'
import { savedBreakerProblem } from './saved-breaker.js'
import type { SavedBreaker } from './saved-breaker.js'
import { errorRate, tripRuleProblem } from './trip-rules.js'

/** Tells what an outcome says about the dependency; a throw is reported and leaves the default. */
export type Classify = (outcome: Outcome<unknown>) => 'success' | 'failure' | 'ignored'

export interface CircuitBreakerOptions {
  /** When it opens; several rules are alternatives. Default `errorRate()`: 50 % of at least 20 calls in 10 s. */
  readonly trip?: TripRule | readonly TripRule[] | undefined
  /**
   * How long it stays open: a number means exactly that long, a back-off grows with each trip that follows without a
   * recovery. Default `exponential({ firstMs: 5_000, maxMs: 60_000, jitter: 'equal' })`: the first time 2.5 to 5 s.
   */
  readonly openMs?: number | Backoff | undefined
  /** The trials of the half-open state. */
  readonly probes?:
    | {
        /** Trials at once, 1 to 1000. Default 3. */
        readonly limit?: number | undefined
        /**
         * How long a trial may hold its slot before another call gets it, and is heard. Default 10 000 ms, or a little more
         * than the timeout that stands with the breaker in a pipeline, so that a trial that times out is heard; and twice
         * as long as a trial that went well after its lease, so that a breaker of calls that take longer can close.
         */
        readonly leaseMs?: number | undefined
        /** Successes that close it. Default: `limit`. */
        readonly closeAfter?: number | undefined
      }
    | undefined
  /**
   * Admit 1, 10, 50, then 100 % of the calls after closing, over `durationMs` (default 10 000); as many calls at once as
   * there were trials always pass. Default `false`.
   */
  readonly ramp?: { readonly durationMs?: number | undefined } | false | undefined
  /**
   * Default: a success is a success, a failure or timeout a failure, all else is ignored. A result can be a failure,
   * an error can be a success; who is refused or cancelled is never asked about.
   */
  readonly classify?: Classify | undefined
  /**
   * Do as the breaker of that version of Hystrix did, with its faults: 1.5.18 is the boolean one, 1.5.13 the one with
   * three states. Then `trip` is one `errorRate`, whose buckets are the health snapshots (default 20 of 500 ms), `openMs`
   * a number, the sleep window (default 5000), and there are neither `probes` nor `ramp`. For those who come from there,
   * or compare; our own semantics are better in all that differs.
   *
   * `'hystrix'` is the one of commands with the preset of that name: it judges by closed health buckets and counts
   * rejections, as those do, but only its one leased trial moves it. Of `probes` it takes `leaseMs`.
   */
  readonly compat?: Compat | undefined
  /** A state that `save()` gave, perhaps in another process. */
  readonly restore?: SavedBreaker | undefined
  /** Give each rejection an error of its own with a stack, instead of one shared by all of an open period. Default `false`. */
  readonly captureStack?: boolean | undefined
  /** Registers an instrument for exporters. */
  readonly name?: string | undefined
  readonly group?: string | undefined
  /** Where a named breaker registers. Default: the runtime of the process. */
  readonly runtime?: Runtime | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** Options as they are in force. */
export interface ResolvedCircuitBreaker {
  readonly config: MachineConfig
  readonly classify: Classify | undefined
  readonly restore: SavedBreaker | undefined
  readonly captureStack: boolean
  readonly name: string | undefined
  readonly group: string | undefined
  /** Where it is registered; only one with a name is. */
  readonly runtime: Runtime | undefined
  readonly clock: Clock
  readonly random: Random
}

const KEYS = [
  'trip',
  'openMs',
  'probes',
  'ramp',
  'classify',
  'compat',
  'restore',
  'captureStack',
  'name',
  'group',
  'runtime',
  'clock',
  'random',
] as const

const DEFAULT_TRIP: readonly TripRule[] = Object.freeze([errorRate()])
const DEFAULT_OPEN: Backoff = exponential({ firstMs: 5_000, maxMs: 60_000, jitter: 'equal' })
const FENCED_OPEN_MS = 5_000
const DEFAULT_PROBES = 3
const DEFAULT_LEASE_MS = 10_000
const DEFAULT_RAMP_MS = 10_000
const MAX_PROBES = 1_000
const MAX_RULES = 20

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveCircuitBreakerOptions(
  options: CircuitBreakerOptions | undefined,
): ResolvedCircuitBreaker {
  return options === undefined ? DEFAULTS : resolve(options)
}

function resolve(options: CircuitBreakerOptions): ResolvedCircuitBreaker {
  const read = readOptions('CircuitBreaker', options, KEYS)
  const trip = readTrip(read)
  const slow = trip.find((rule) => rule.kind === 'slow-calls')
  const open = readOpen(read)
  const probes = readProbes(read)
  const hystrix = readHystrixRules(read, { trip, open, ...probes })
  const config: MachineConfig = {
    trip,
    open,
    ...probes,
    rampMs: readRamp(read),
    slowerThanMs: slow?.slowerThanMs,
    ...(hystrix === undefined ? {} : { hystrix }),
  }
  const name = read.string('name', undefined, { maxLength: MAX_NAME_LENGTH })
  const runtime = read.runtime('runtime', undefined)
  const resolved = {
    config: Object.freeze(config),
    classify: read.fn<Classify>('classify'),
    restore: read.custom<SavedBreaker, undefined>('restore', undefined, savedBreakerProblem),
    captureStack: read.boolean('captureStack', false),
    name,
    group: read.string('group', undefined, { maxLength: MAX_NAME_LENGTH }),
    runtime: name === undefined ? undefined : (runtime ?? defaultRuntime()),
    clock: read.clock('clock', systemClock),
    random: read.random('random', systemRandom),
  }
  read.finish()
  return Object.freeze(resolved)
}

const DEFAULTS: ResolvedCircuitBreaker = resolve({})

type Reader = OptionReader<(typeof KEYS)[number]>

function readTrip(read: Reader): readonly TripRule[] {
  if (!read.has('trip')) return read.has('compat') ? HYSTRIX_TRIP : DEFAULT_TRIP
  if (!Array.isArray(read.value('trip'))) {
    const rule = read.custom<TripRule, undefined>('trip', undefined, tripRuleProblem)
    return rule === undefined ? DEFAULT_TRIP : [rule]
  }
  const rules = read.list<TripRule, typeof DEFAULT_TRIP>('trip', DEFAULT_TRIP, tripRuleProblem, {
    minLength: 1,
    maxLength: MAX_RULES,
  })
  for (const { index, problem } of conflictingRules(rules)) {
    read.issue(`trip[${String(index)}]`, rules[index]?.kind, problem)
  }
  return rules
}

function readOpen(read: Reader): Backoff {
  const value = read.value('openMs')
  if (!read.has('openMs')) return read.has('compat') ? HYSTRIX_OPEN : DEFAULT_OPEN
  if (isBackoff(value)) return fenced(value)
  if (typeof value === 'object') {
    read.issue('openMs', value, 'a number of milliseconds or a back-off')
    return DEFAULT_OPEN
  }
  return constant({ ms: read.durationMs('openMs', 0) })
}

// A back-off may be the user's own: whatever it does, the breaker opens, and for a finite time.
function fenced(backoff: Backoff): Backoff {
  const delayMs: Backoff['delayMs'] = (...step) => {
    try {
      const ms = backoff.delayMs(...step)
      if (ms >= 0) return Math.min(ms, MAX_DURATION_MS)
      throw new RangeError(`a back-off must answer milliseconds from 0, not ${String(ms)}`)
    } catch (error) {
      reportInternalError(error, 'openMs')
      return FENCED_OPEN_MS
    }
  }
  return Object.freeze({ ...backoff, kind: backoff.kind, delayMs })
}

function readProbes(
  read: Reader,
): Required<Pick<MachineConfig, 'probeLimit' | 'leaseMs' | 'leaseFollowsTimeout' | 'closeAfter'>> {
  const probes = read.nested('probes', ['limit', 'leaseMs', 'closeAfter'])
  const probeLimit = probes.integer('limit', DEFAULT_PROBES, { min: 1, max: MAX_PROBES })
  return {
    probeLimit,
    leaseMs: probes.durationMs('leaseMs', DEFAULT_LEASE_MS, { min: 1 }),
    leaseFollowsTimeout: !probes.has('leaseMs'),
    closeAfter: probes.integer('closeAfter', probeLimit, { min: 1, max: MAX_PROBES }),
  }
}

function readRamp(read: Reader): number {
  if (!read.has('ramp') || read.value('ramp') === false) return 0
  return read.nested('ramp', ['durationMs']).durationMs('durationMs', DEFAULT_RAMP_MS, { min: 1 })
}
