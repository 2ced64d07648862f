/**
 * The options of a request cache, their defaults and their check.
 */
import { readOptions, systemClock } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import { COMPAT, MAX_ENTRIES, MAX_NAME_LENGTH } from '../common-options.js'
import type { Compat } from '../common-options.js'
import type { KeyOf } from './cache-policy.js'

export interface RequestCacheOptions {
  /** The key of a call. Not needed by those who only use `load`, which is given its key. */
  readonly key?: KeyOf | undefined
  /**
   * Whose answers they are: those of one request (see `withRequestContext`), which forgets them when it ends, or of the
   * whole process. Default `request`, as in Hystrix.
   */
  readonly scope?: 'request' | 'process' | undefined
  /** How long an answer lasts. Default: in a request, as long as that; in the process, 0 = shared only while under way. */
  readonly ttlMs?: number | undefined
  /** Answers kept at once, in each request or in the process, at least 1; the least recently used goes first. Default 1000. */
  readonly max?: number | undefined
  /** Keeps failures too, as Hystrix does. Default: only good answers are kept. */
  readonly compat?: Compat | undefined
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
}

/** Options as they are in force. */
export interface ResolvedRequestCache {
  readonly key: KeyOf | undefined
  readonly scope: 'request' | 'process'
  /** `Infinity`: as long as the request. */
  readonly ttlMs: number
  readonly max: number
  readonly compat: Compat | undefined
  readonly name: string | undefined
  readonly clock: Clock
}

const DEFAULT_MAX = 1_000

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveRequestCacheOptions(options: RequestCacheOptions): ResolvedRequestCache {
  const read = readOptions('RequestCache', options, [
    'key',
    'scope',
    'ttlMs',
    'max',
    'compat',
    'name',
    'clock',
  ])
  const scope = read.oneOf('scope', 'request', ['request', 'process'])
  const resolved: ResolvedRequestCache = {
    key: read.fn<KeyOf>('key'),
    scope,
    ttlMs: read.durationMs('ttlMs', scope === 'request' ? Infinity : 0),
    max: read.integer('max', DEFAULT_MAX, { min: 1, max: MAX_ENTRIES }),
    compat: read.oneOf('compat', undefined, COMPAT),
    name: read.string('name', undefined, { maxLength: MAX_NAME_LENGTH }),
    clock: read.clock('clock', systemClock),
  }
  read.finish()
  return Object.freeze(resolved)
}
