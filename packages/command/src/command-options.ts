/**
 * The options of a command, and their check as far as it is not that of the policies inside.
 */
import type {
  AdaptiveLimiter,
  Bulkhead,
  BulkheadOptions,
  CircuitBreaker,
  CircuitBreakerOptions,
  Hedge,
  HedgeOptions,
  RateLimiter,
  RateLimiterOptions,
  Retry,
  RetryOptions,
} from '@breakwater/breaker'
import { fillsSlot, isPlainObject, readOptions, systemClock } from '@breakwater/kernel'
import type {
  CacheKey,
  Call,
  Clock,
  FallbackCause,
  OptionIssue,
  OptionReader,
  Random,
  RetryCounts,
  Runtime,
  SlotName,
} from '@breakwater/kernel'
import { readTimes } from './command-times.js'
import { STANDARD, standardBreaker, standardRetry } from './preset.js'

/**
 * `A` itself, in a form from which the compiler infers nothing: the arguments come from `run`, and are known when it gets
 * to a fallback whose parameters have no types of their own.
 */
export type Same<A extends unknown[]> = { [K in keyof A]: A[K] }

export interface CommandOptions<A extends unknown[], R, F = never> extends CommandTuning {
  /** What it is called in metrics, errors and events: 1 to 256 characters. */
  readonly name: string
  /** What it belongs to. Default: none. */
  readonly group?: string | undefined
  /** Where the defaults come from; `hedged` is `standard` with a hedge. Default `standard`. */
  readonly preset?: 'standard' | 'hedged' | undefined
  /** The work. */
  readonly run: (call: Call, ...args: A) => R | PromiseLike<R>
  /** Answers instead when the call fails, times out or is refused; with the same arguments. Write it after `run`. */
  readonly fallback?: ((cause: FallbackCause, ...args: Same<A>) => F | PromiseLike<F>) | undefined
  /** Errors that are the caller's fault: not counted, not retried, no fallback. A throw is reported and means no. */
  readonly ignore?: ((error: unknown) => boolean) | undefined
  /**
   * Calls of one request (see `withRequestContext`) with the same key share one run, also while it is under way, and its
   * answer; failures are not kept. `undefined`: not this call. A call outside of any request fails. Default: none.
   */
  readonly cacheKey?: ((...args: Same<A>) => CacheKey) | undefined
  /**
   * All commands of the runtime that name the same pool share one bulkhead, which `bulkhead` says more about: the first
   * command, and others nothing or the same. Default: a bulkhead of its own.
   */
  readonly pool?: string | undefined
  /**
   * What the work counts that makes its further attempts by itself, as clients of databases and clouds do: shown as the retries of
   * the command, which with `retry: false` makes none. A throw is reported and means none. Default: those that the command makes.
   */
  readonly retryCounts?: (() => RetryCounts) | undefined
  readonly runtime?: Runtime | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** The options that can be changed while the command works. */
export interface CommandTuning {
  /** The whole time of a call, with retries and waits; `false`: no limit. Default 10 000 ms. */
  readonly timeoutMs?: number | false | undefined
  /**
   * The time of one attempt, at most `timeoutMs`; `false`: no limit, and the breaker of the preset opens for calls of more than
   * 2 s as well, however they end (`breaker: { trip: errorRate() }` is without that). Default 2 000 ms.
   */
  readonly attemptTimeoutMs?: number | false | undefined
  /** Options (over those of the preset), a breaker to share, or `false`. */
  readonly breaker?: CircuitBreakerOptions | CircuitBreaker | false | undefined
  /** Options, a bulkhead or an adaptive limiter to share, or `false`. Default: 100 at once, nobody waits. */
  readonly bulkhead?: BulkheadOptions | Bulkhead | AdaptiveLimiter | false | undefined
  /** Options, a rate limiter to share, or `false`. It counts calls, not their attempts. Default: none. */
  readonly rate?: RateLimiterOptions | RateLimiter | false | undefined
  /** Options (over those of the preset), a retry to share, or `false`. */
  readonly retry?: RetryOptions | Retry | false | undefined
  /**
   * Options, a hedge to share, or `false`. Default: none with the preset `standard`; with `hedged` a second attempt beside
   * one that is slower than 95 % of those before, out of the budget of the retries.
   */
  readonly hedge?: HedgeOptions | Hedge | false | undefined
  /** Whether the work may run twice. `false` switches retry and hedge off. Default `true`. */
  readonly idempotent?: boolean | undefined
  /** Fallbacks that may run at once. Default 10. */
  readonly fallbackLimit?: number | undefined
}

/** What a command is built from: the options given, over those of the preset. */
export interface ResolvedCommand {
  readonly name: string
  readonly group: string | undefined
  readonly run: (call: Call, ...args: unknown[]) => unknown
  readonly fallback: ((cause: FallbackCause, ...args: unknown[]) => unknown) | undefined
  readonly ignore: ((error: unknown) => boolean) | undefined
  readonly cacheKey: ((...args: unknown[]) => CacheKey) | undefined
  readonly pool: string | undefined
  readonly retryCounts: (() => RetryCounts) | undefined
  readonly timeoutMs: number | undefined
  readonly attemptTimeoutMs: number | undefined
  readonly breaker: CircuitBreakerOptions | CircuitBreaker | undefined
  readonly bulkhead: BulkheadOptions | Bulkhead | AdaptiveLimiter | undefined
  readonly rate: RateLimiterOptions | RateLimiter | undefined
  readonly retry: RetryOptions | Retry | undefined
  readonly hedge: HedgeOptions | Hedge | undefined
  /** Otherwise retry and hedge rest. */
  readonly isIdempotent: boolean
  readonly fallbackLimit: number
  readonly runtime: Runtime | undefined
  readonly clock: Clock
  readonly random: Random | undefined
}

/** The keys of {@link CommandTuning}. */
export const TUNING_KEYS = [
  'timeoutMs',
  'attemptTimeoutMs',
  'breaker',
  'bulkhead',
  'rate',
  'retry',
  'hedge',
  'idempotent',
  'fallbackLimit',
] as const
const KEYS = [
  ...TUNING_KEYS,
  'name',
  'group',
  'preset',
  'run',
  'fallback',
  'ignore',
  'cacheKey',
  'pool',
  'retryCounts',
  'runtime',
  'clock',
  'random',
] as const

/** What can be shared, and how it is known. */
const SHARED = {
  rate: { slot: 'rate', names: 'RateLimiter' },
  retry: { slot: 'retry', names: 'Retry' },
  hedge: { slot: 'hedge', names: 'Hedge' },
  breaker: { slot: 'breaker', names: 'CircuitBreaker' },
  bulkhead: { slot: 'limit', names: 'Bulkhead or AdaptiveLimiter' },
} as const satisfies Record<string, { readonly slot: SlotName; readonly names: string }>

type Reader = OptionReader<(typeof KEYS)[number]>

/** Completes options as given; every fault is added to `issues`, and something harmless stands in its place. */
export function resolveCommandOptions(given: unknown, issues: OptionIssue[]): ResolvedCommand {
  const read = readOptions('createCommand', given, KEYS)
  // One of the preset `hystrix` has options of its own, and never comes here; a slip of the pen does.
  const preset = read.oneOf('preset', 'standard', ['standard', 'hedged', 'hystrix'])
  const times = readTimes(read)
  const breaker = readPolicy<CircuitBreakerOptions, CircuitBreaker>(read, 'breaker')
  const bulkhead = readPolicy<BulkheadOptions, Bulkhead | AdaptiveLimiter>(read, 'bulkhead')
  const rate = readPolicy<RateLimiterOptions, RateLimiter>(read, 'rate')
  const hedge = readPolicy<HedgeOptions, Hedge>(read, 'hedge')
  const isHedged = preset === 'hedged' || read.has('hedge')
  const resolved: ResolvedCommand = {
    name: readRequired(read, 'name', read.string('name', undefined, { minLength: 1, maxLength: 256 })) ?? '',
    group: read.string('group', undefined, { maxLength: 256 }),
    run: readRequired(read, 'run', read.fn<ResolvedCommand['run']>('run')) ?? (() => undefined),
    fallback: read.fn<NonNullable<ResolvedCommand['fallback']>>('fallback'),
    ignore: read.fn<(error: unknown) => boolean>('ignore'),
    cacheKey: read.fn<NonNullable<ResolvedCommand['cacheKey']>>('cacheKey'),
    pool: readPool(read),
    retryCounts: readRetryCounts(read),
    ...times,
    retry: standardRetry(readPolicy<RetryOptions, Retry>(read, 'retry')),
    hedge: hedge === false || !isHedged ? undefined : hedge,
    isIdempotent: read.boolean('idempotent', true),
    breaker: standardBreaker(breaker, times.attemptTimeoutMs),
    bulkhead: bulkhead === false ? undefined : bulkhead,
    rate: rate === false || !read.has('rate') || isFaulty(read, 'rate') ? undefined : rate,
    fallbackLimit: read.integer('fallbackLimit', STANDARD.fallbackLimit, { min: 0, max: 1_000_000 }),
    runtime: read.runtime('runtime', undefined),
    clock: read.clock('clock', systemClock),
    random: read.random('random', undefined),
  }
  issues.push(...read.issues)
  return Object.freeze(resolved)
}

function readPool(read: Reader): string | undefined {
  const pool = read.string('pool', undefined, { minLength: 1, maxLength: 256 })
  const bulkhead = read.value('bulkhead')
  if (pool !== undefined && (bulkhead === false || fillsSlot(bulkhead, 'limit')))
    read.issue('pool', pool, 'nothing beside a bulkhead to share, or none')
  return pool
}

function readRetryCounts(read: Reader): ResolvedCommand['retryCounts'] {
  const counts = read.fn<() => RetryCounts>('retryCounts')
  if (counts !== undefined && read.value('retry') !== false)
    read.issue('retryCounts', counts, 'nothing, unless `retry` is false: the command counts what it retries')
  return counts
}

// The options inside are checked by the policy itself, which knows them.
function readPolicy<O, P>(read: Reader, key: keyof typeof SHARED): O | P | false {
  const { slot, names } = SHARED[key]
  const value = read.custom<O | P | false, undefined>(key, undefined, (given) =>
    given === false || isPlainObject(given) || fillsSlot(given, slot)
      ? undefined
      : `options, a ${names}, or false`,
  )
  return value ?? ({} as O)
}

const isFaulty = (read: Reader, key: string): boolean => read.issues.some(({ path }) => path === key)

function readRequired<T>(read: Reader, key: 'name' | 'run', value: T | undefined): T | undefined {
  if (!read.has(key)) read.issue(key, undefined, key === 'run' ? 'a function' : 'a name')
  return value
}
