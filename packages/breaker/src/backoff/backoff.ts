/**
 * Back-offs: how long to wait before the next try, as immutable values. They hold no state, so one value serves any
 * number of breakers and retries at once; who waits keeps the step and the previous delay.
 */
import { readOptions } from '@breakwater/kernel'
import type { OptionReader, Outcome, Random } from '@breakwater/kernel'
import { decorrelatedMs, exponentialMs, jittered, linearMs } from './core/delays.js'
import type { Jitter } from './core/delays.js'

/** A rule for the delay before each next try. Any object of this shape will do; those made here are frozen. */
export interface Backoff {
  readonly kind: string
  /**
   * The delay in ms before try `step` (1 is the first repetition). Chance comes from `random`; `previousMs` is what
   * this function gave for the step before, if there was one. A retry tells how the attempt before ended in `outcome`,
   * which is a success where `retryOnResult` found the answer wanting. A throw, or what is no number, is reported: a
   * retry then gives up, and a breaker opens for 5 s.
   */
  delayMs(step: number, random: Random, previousMs?: number, outcome?: Outcome<unknown>): number
}

/** Options of {@link constant}. */
export interface ConstantBackoffOptions {
  /** The delay, 0 or more. */
  readonly ms: number
}

/** Options of {@link linear}. */
export interface LinearBackoffOptions {
  /** The first delay, and by how much each next one is longer; 0 or more. */
  readonly baseMs: number
  /** The longest delay, at least `baseMs`. */
  readonly maxMs: number
}

/** Options of {@link exponential}. */
export interface ExponentialBackoffOptions {
  /** The first delay, 0 or more. */
  readonly firstMs: number
  /** The longest delay, at least `firstMs`. */
  readonly maxMs: number
  /** By how much each delay is multiplied for the next: 1 to 100, default 2. */
  readonly factor?: number | undefined
  /**
   * `'full'` (or `true`) draws from 0 to the delay, `'equal'` from half the delay to the delay, `false` waits
   * exactly the delay. Default `false`.
   */
  readonly jitter?: boolean | 'full' | 'equal' | undefined
}

/** Options of {@link decorrelated}. */
export interface DecorrelatedBackoffOptions {
  /** The shortest delay, 0 or more. */
  readonly baseMs: number
  /** The longest delay, at least `baseMs`. */
  readonly maxMs: number
}

/** Made by {@link constant}. */
export interface ConstantBackoff extends Backoff, Readonly<ConstantBackoffOptions> {
  readonly kind: 'constant'
}

/** Made by {@link linear}. */
export interface LinearBackoff extends Backoff, Readonly<LinearBackoffOptions> {
  readonly kind: 'linear'
}

/** Made by {@link exponential}. */
export interface ExponentialBackoff extends Backoff {
  readonly kind: 'exponential'
  readonly firstMs: number
  readonly maxMs: number
  readonly factor: number
  readonly jitter: Jitter
}

/** Made by {@link decorrelated}. */
export interface DecorrelatedBackoff extends Backoff, Readonly<DecorrelatedBackoffOptions> {
  readonly kind: 'decorrelated'
}

const DEFAULT_FACTOR = 2
const MAX_FACTOR = 100

/**
 * Always the same delay.
 *
 * @example
 * ```ts
 * import { seededRandom } from '@breakwater/kernel'
 * import { constant } from '@breakwater/breaker'
 *
 * console.log(constant({ ms: 250 }).delayMs(7, seededRandom(1))) // 250
 * ```
 * @throws InvalidOptionsError when `ms` is missing or not a duration.
 */
export function constant(options: ConstantBackoffOptions): ConstantBackoff {
  const read = readOptions('constant back-off', options, ['ms'])
  const ms = required(read, 'ms')
  read.finish()
  return Object.freeze({ kind: 'constant', ms, delayMs: () => ms })
}

/**
 * Delays that grow by the same amount: `baseMs`, 2 × `baseMs`, 3 × `baseMs`, … at most `maxMs`.
 *
 * @example
 * ```ts
 * import { seededRandom } from '@breakwater/kernel'
 * import { linear } from '@breakwater/breaker'
 *
 * const backoff = linear({ baseMs: 100, maxMs: 250 })
 * console.log([1, 2, 3].map((step) => backoff.delayMs(step, seededRandom(1)))) // [ 100, 200, 250 ]
 * ```
 * @throws InvalidOptionsError when an option is missing or wrong, or `maxMs` is less than `baseMs`.
 */
export function linear(options: LinearBackoffOptions): LinearBackoff {
  const read = readOptions('linear back-off', options, ['baseMs', 'maxMs'])
  const { firstMs: baseMs, maxMs } = rangeOf(read, 'baseMs')
  read.finish()
  return Object.freeze({
    kind: 'linear',
    baseMs,
    maxMs,
    delayMs: (step: number) => linearMs(step, baseMs, maxMs),
  })
}

/**
 * Delays that are multiplied: `firstMs`, `firstMs` × `factor`, `firstMs` × `factor`², … at most `maxMs`, spread by
 * `jitter`. Jitter keeps callers that failed together from coming back together.
 *
 * @example
 * ```ts
 * import { seededRandom } from '@breakwater/kernel'
 * import { exponential } from '@breakwater/breaker'
 *
 * const backoff = exponential({ firstMs: 100, maxMs: 1_000 })
 * console.log([1, 2, 3, 9].map((step) => backoff.delayMs(step, seededRandom(1)))) // [ 100, 200, 400, 1000 ]
 * ```
 * @throws InvalidOptionsError when an option is missing or wrong, or `maxMs` is less than `firstMs`.
 */
export function exponential(options: ExponentialBackoffOptions): ExponentialBackoff {
  const read = readOptions('exponential back-off', options, ['firstMs', 'maxMs', 'factor', 'jitter'])
  const { firstMs, maxMs } = rangeOf(read, 'firstMs')
  const factor = read.number('factor', DEFAULT_FACTOR, { min: 1, max: MAX_FACTOR })
  const given = read.oneOf('jitter', false, [false, true, 'full', 'equal'])
  read.finish()
  const jitter: Jitter = given === true ? 'full' : given
  const rule = { firstMs, maxMs, factor }
  return Object.freeze({
    kind: 'exponential',
    ...rule,
    jitter,
    delayMs(step: number, random: Random): number {
      const delayMs = exponentialMs(step, rule)
      return jitter === false ? delayMs : jittered(delayMs, jitter, random.next())
    },
  })
}

/**
 * Delays drawn between `baseMs` and three times the previous delay, at most `maxMs`: they grow, and spread widely
 * from the second try on. The first is drawn between `baseMs` and 3 × `baseMs`.
 *
 * @example
 * ```ts
 * import { seededRandom } from '@breakwater/kernel'
 * import { decorrelated } from '@breakwater/breaker'
 *
 * const backoff = decorrelated({ baseMs: 100, maxMs: 2_000 })
 * const random = seededRandom(1)
 * const first = backoff.delayMs(1, random)
 * const second = backoff.delayMs(2, random, first)
 * console.log(first >= 100 && first <= 300 && second <= first * 3) // true
 * ```
 * @throws InvalidOptionsError when an option is missing or wrong, or `maxMs` is less than `baseMs`.
 */
export function decorrelated(options: DecorrelatedBackoffOptions): DecorrelatedBackoff {
  const read = readOptions('decorrelated back-off', options, ['baseMs', 'maxMs'])
  const { firstMs: baseMs, maxMs } = rangeOf(read, 'baseMs')
  read.finish()
  const rule = { baseMs, maxMs }
  return Object.freeze({
    kind: 'decorrelated',
    ...rule,
    delayMs: (_step: number, random: Random, previousMs?: number) =>
      decorrelatedMs(rule, previousMs, random.next()),
  })
}

/** Whether a value has the shape of a back-off. */
export function isBackoff(value: unknown): value is Backoff {
  if (typeof value !== 'object' || value === null) return false
  return (
    'kind' in value &&
    typeof value.kind === 'string' &&
    'delayMs' in value &&
    typeof value.delayMs === 'function'
  )
}

function required<K extends string>(read: OptionReader<K>, key: K): number {
  const value = read.durationMs(key, undefined)
  if (value === undefined && !read.has(key)) read.issue(key, undefined, 'a number of milliseconds')
  return value ?? 0
}

function rangeOf<K extends string>(
  read: OptionReader<K | 'maxMs'>,
  firstKey: K,
): { firstMs: number; maxMs: number } {
  const before = read.issues.length
  const firstMs = required(read, firstKey)
  const maxMs = required(read, 'maxMs')
  if (read.issues.length === before && maxMs < firstMs) {
    read.issue('maxMs', maxMs, `at least ${firstKey} (${firstMs})`)
  }
  return { firstMs, maxMs }
}
