/**
 * The options of a fallback, their defaults and their check.
 */
import { readOptions } from '@breakwater/kernel'
import type { Call, FallbackCause } from '@breakwater/kernel'
import { MAX_NAME_LENGTH } from './common-options.js'

/**
 * Answers instead of the call: at once, with a promise, or by throwing, which asks the next one. `call` is the
 * fallback's own: its signal is not that of the attempt that failed, but aborts when the caller gives up or his budget is used
 * up, and only this budget is its deadline. Behind it stand the arguments of the wrapped function, for calls made through
 * `wrap`.
 */
export type FallbackHandler = (cause: FallbackCause, call: Call, ...args: never[]) => unknown

export interface FallbackOptions<C extends readonly FallbackHandler[] = readonly FallbackHandler[]> {
  /** Asked in order; the first that answers ends it. 1 to 100 handlers. */
  readonly chain: C
  /** Whether to answer at all. Default: failures, timeouts and rejections. Never asked about cancelled calls. A throw means no. */
  readonly when?: ((cause: FallbackCause) => boolean) | undefined
  /** Fallbacks that may run at once, 0 to 1 000 000. Default 10, as in Hystrix. */
  readonly limit?: number | undefined
  readonly name?: string | undefined
}

/** Options as they are in force. */
export interface ResolvedFallback {
  readonly chain: readonly FallbackHandler[]
  readonly when: ((cause: FallbackCause) => boolean) | undefined
  readonly limit: number
  readonly name: string | undefined
}

const DEFAULT_LIMIT = 10
const MAX_HANDLERS = 100

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveFallbackOptions(options: FallbackOptions): ResolvedFallback {
  const read = readOptions('Fallback', options, ['chain', 'when', 'limit', 'name'])
  const isHandler = (value: unknown): string | undefined =>
    typeof value === 'function' ? undefined : 'a function'
  const rule = { minLength: 1, maxLength: MAX_HANDLERS }
  if (!read.has('chain')) read.issue('chain', undefined, 'an array of functions')
  const resolved: ResolvedFallback = {
    chain: read.list<FallbackHandler, readonly []>('chain', [], isHandler, rule),
    when: read.fn<(cause: FallbackCause) => boolean>('when'),
    limit: read.integer('limit', DEFAULT_LIMIT, { min: 0, max: 1_000_000 }),
    name: read.string('name', undefined, { maxLength: MAX_NAME_LENGTH }),
  }
  read.finish()
  return Object.freeze(resolved)
}
