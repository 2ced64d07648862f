/**
 * The options of a stale cache, their defaults and their check.
 */
import { readOptions, systemClock } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import { MAX_ENTRIES, MAX_NAME_LENGTH } from '../common-options.js'
import type { KeyOf } from './cache-policy.js'

export interface StaleCacheOptions {
  /** The key of a call. Not needed by those who only use `load`, which is given its key. */
  readonly key?: KeyOf | undefined
  /** So long after it came, an answer is given without a call. Default 0: each call is tried. */
  readonly freshMs?: number | undefined
  /** So long after that, it is given when the call fails. Default 60 000 ms. */
  readonly staleMs?: number | undefined
  /** Answers kept at once, at least 1; the least recently used goes first. Default 1000. */
  readonly max?: number | undefined
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
}

/** Options as they are in force. */
type ResolvedStaleCache = Readonly<
  Required<Pick<StaleCacheOptions, 'key' | 'name'>> & {
    freshMs: number
    staleMs: number
    max: number
    clock: Clock
  }
>

const DEFAULT_STALE_MS = 60_000
const DEFAULT_MAX = 1_000

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveStaleCacheOptions(options: StaleCacheOptions): ResolvedStaleCache {
  const read = readOptions('StaleCache', options, ['key', 'freshMs', 'staleMs', 'max', 'name', 'clock'])
  const resolved: ResolvedStaleCache = {
    key: read.fn<KeyOf>('key'),
    freshMs: read.durationMs('freshMs', 0),
    staleMs: read.durationMs('staleMs', DEFAULT_STALE_MS),
    max: read.integer('max', DEFAULT_MAX, { min: 1, max: MAX_ENTRIES }),
    name: read.string('name', undefined, { maxLength: MAX_NAME_LENGTH }),
    clock: read.clock('clock', systemClock),
  }
  read.finish()
  return Object.freeze(resolved)
}
