/**
 * The options of a rate limiter, their defaults and their check.
 */
import { readOptions, systemClock } from '@breakwater/kernel'
import type { Clock, OptionReader } from '@breakwater/kernel'
import { MAX_NAME_LENGTH } from '../common-options.js'
import { TokenBucket } from './core/token-bucket.js'
import type { BucketShape } from './core/token-bucket.js'
import type { WarmUpShape } from './core/warm-up.js'

export interface RateLimiterOptions {
  /** Calls that may begin in each `perMs`, 1 to 1 000 000 000. */
  readonly rate: number
  /** Whole milliseconds, from 1. Default 1 000: `rate` is per second. */
  readonly perMs?: number | undefined
  /**
   * Calls that may begin at once after a rest, 1 to 1 000 000. Default `rate`, as far as that goes. With 1, calls are spaced evenly, at least
   * `perMs / rate` apart; then a queue lets no more through than timers ring, about 1 000 in a second.
   */
  readonly burst?: number | undefined
  /** After a rest the rate is lower, and rises under load. Calls are then spaced evenly: `burst` is 1. Default: none. */
  readonly warmUp?:
    | {
        /** From cold to the full rate under load, in milliseconds; as long without any makes it cold again. */
        readonly durationMs: number
        /** How many times lower the rate is when cold, 1 to 1 000. Default 3. */
        readonly coldFactor?: number | undefined
      }
    | undefined
  /** Where calls wait for their turn, first come, first served. Default: nobody waits. */
  readonly queue?:
    | {
        /** Calls that may wait, 0 to 1 000 000. Default 0. */
        readonly limit?: number | undefined
        /** Who would wait longer is refused at once, in milliseconds. Default: as long as its deadline allows. */
        readonly maxWaitMs?: number | undefined
      }
    | undefined
  /** What it is called in its errors. */
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
}

/** Options as they are in force. */
export interface ResolvedRateLimiter extends BucketShape {
  readonly queueLimit: number
  readonly maxWaitMs: number
  readonly name: string | undefined
  readonly clock: Clock
}

const KEYS = ['rate', 'perMs', 'burst', 'warmUp', 'queue', 'name', 'clock'] as const
const MAX_RATE = 1_000_000_000
const MAX_COUNT = 1_000_000
const DEFAULT_PER_MS = 1_000
const DEFAULT_COLD_FACTOR = 3

type Reader = OptionReader<(typeof KEYS)[number]>

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveRateLimiterOptions(options: RateLimiterOptions): ResolvedRateLimiter {
  const read = readOptions('RateLimiter', options, KEYS)
  const queue = read.nested('queue', ['limit', 'maxWaitMs'])
  const resolved: ResolvedRateLimiter = {
    ...readShape(read),
    queueLimit: queue.integer('limit', 0, { min: 0, max: MAX_COUNT }),
    maxWaitMs: queue.durationMs('maxWaitMs', undefined) ?? Infinity,
    name: read.string('name', undefined, { maxLength: MAX_NAME_LENGTH }),
    clock: read.clock('clock', systemClock),
  }
  checkTogether(read, resolved)
  read.finish()
  return Object.freeze(resolved)
}

function readShape(read: Reader): BucketShape {
  if (!read.has('rate')) read.issue('rate', undefined, 'a whole number of calls from 1')
  const rate = read.integer('rate', 1, { min: 1, max: MAX_RATE })
  const perMs = read.integer('perMs', DEFAULT_PER_MS, { min: 1, max: 2 ** 31 - 1 })
  const warmUp = readWarmUp(read)
  const given = read.integer('burst', undefined, { min: 1, max: MAX_COUNT })
  const burst = given ?? (warmUp === undefined ? Math.min(rate, MAX_COUNT) : 1)
  return { rate, perMs, burst, warmUp }
}

function readWarmUp(read: Reader): WarmUpShape | undefined {
  const warmUp = read.nested('warmUp', ['durationMs', 'coldFactor'])
  if (!read.has('warmUp')) return undefined
  if (!warmUp.has('durationMs')) warmUp.issue('durationMs', undefined, 'a number of milliseconds from 1')
  return {
    durationMs: warmUp.durationMs('durationMs', 1, { min: 1 }),
    coldFactor: warmUp.number('coldFactor', DEFAULT_COLD_FACTOR, { min: 1, max: 1_000 }),
  }
}

function checkTogether(read: Reader, resolved: ResolvedRateLimiter): void {
  if (read.issues.length > 0) return
  if (resolved.warmUp !== undefined && resolved.burst > 1)
    read.issue('burst', resolved.burst, '1, since calls are spaced evenly with warmUp')
  const problem = TokenBucket.problem(resolved)
  if (problem !== undefined) read.issue('burst', resolved.burst, problem)
}
