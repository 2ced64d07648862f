/**
 * The options of a collapser, their defaults and their check.
 */
import { invalidArgument, readOptions, systemClock } from '@breakwater/kernel'
import type { CacheKey, Call, Clock, OptionReader } from '@breakwater/kernel'
import { COMPAT, MAX_NAME_LENGTH } from '../common-options.js'
import type { Compat } from '../common-options.js'

/**
 * The answers of a batch: a list in the order of the requests, or pairs of key and answer: a `Map`, or anything else that
 * can be iterated. An `Error` in the place of an answer is the failure of that one request.
 */
export type BatchAnswers<A> = readonly (A | Error)[] | Iterable<readonly [key: unknown, answer: A | Error]>

type Duplicates = (typeof DUPLICATES)[number]
const DUPLICATES = ['share', 'reject'] as const

export interface CollapserOptions<Q, A> {
  /** Answers many requests at once. `call` is that of the whole batch: its signal aborts when nobody waits any more. */
  readonly batch: (requests: readonly Q[], call: Call) => BatchAnswers<A> | PromiseLike<BatchAnswers<A>>
  /** What a request is known by: equal keys share one answer, and are the keys of a `Map` of answers. Default: the request. */
  readonly key?: ((request: Q) => CacheKey) | undefined
  /** How long the first request of a batch waits for others. Default 10 ms, as in Hystrix; 0: until the loop turns. */
  readonly windowMs?: number | undefined
  /**
   * Requests in a batch, 1 to 2 147 483 647 (Hystrix's "no limit"); one that is full leaves at once. A function is asked
   * for each new batch; a load fails when it gives something else. Default 100.
   */
  readonly maxSize?: number | (() => number) | undefined
  /** Whose requests go together: those of one request to this process (see `withRequestContext`), or all. Default `request`. */
  readonly scope?: 'request' | 'process' | undefined
  /** Requests of different shards go in batches of their own. Default: there is one shard. */
  readonly shard?: ((request: Q) => CacheKey) | undefined
  /**
   * What becomes of a request that is in the batch already: shares the answer, or fails at once. A function is asked for
   * each such request. Default `share`.
   */
  readonly duplicates?: Duplicates | (() => Duplicates) | undefined
  /** Follows Hystrix: departures at a fixed rate, and a full batch waits for the request that does not fit. */
  readonly compat?: Compat | undefined
  readonly name?: string | undefined
  readonly clock?: Clock | undefined
}

/** Options as they are in force. */
export interface ResolvedCollapser<Q> {
  readonly batch: (requests: readonly Q[], call: Call) => unknown
  readonly key: (request: Q) => unknown
  readonly windowMs: number
  readonly maxSize: () => number
  readonly scope: 'request' | 'process'
  readonly shard: ((request: Q) => CacheKey) | undefined
  readonly duplicates: () => Duplicates
  readonly compat: Compat | undefined
  readonly name: string | undefined
  readonly clock: Clock
}

const DEFAULT_WINDOW_MS = 10
const DEFAULT_MAX_SIZE = 100
const MAX_SIZE = 2 ** 31 - 1
const KEYS = [
  'batch',
  'key',
  'windowMs',
  'maxSize',
  'scope',
  'shard',
  'duplicates',
  'compat',
  'name',
  'clock',
] as const

/** Checks and completes options; throws `InvalidOptionsError` with every fault. */
export function resolveCollapserOptions<Q, A>(options: CollapserOptions<Q, A>): ResolvedCollapser<Q> {
  const read = readOptions('createCollapser', options, KEYS)
  const batch = read.fn<ResolvedCollapser<Q>['batch']>('batch')
  if (!read.has('batch')) read.issue('batch', undefined, 'a function')
  const resolved = {
    key: read.fn<(request: Q) => unknown>('key') ?? ((request: Q): unknown => request),
    windowMs: read.durationMs('windowMs', DEFAULT_WINDOW_MS),
    maxSize: asked(read, 'maxSize', { fallback: DEFAULT_MAX_SIZE, check: sizeFault }),
    scope: read.oneOf('scope', 'request', ['request', 'process']),
    shard: read.fn<(request: Q) => CacheKey>('shard'),
    duplicates: asked<Duplicates>(read, 'duplicates', { fallback: 'share', check: duplicatesFault }),
    compat: read.oneOf('compat', undefined, COMPAT),
    name: read.string('name', undefined, { maxLength: MAX_NAME_LENGTH }),
    clock: read.clock('clock', systemClock),
  }
  read.finish()
  return Object.freeze({ ...resolved, batch: batch as ResolvedCollapser<Q>['batch'] })
}

/** An option that may be a function: what it says is checked when it is asked. */
function asked<T>(
  read: OptionReader<(typeof KEYS)[number]>,
  option: 'maxSize' | 'duplicates',
  { fallback, check }: { readonly fallback: T; readonly check: (value: unknown) => string | undefined },
): () => T {
  const given = read.custom<T | (() => T), T>(option, fallback, (value) =>
    typeof value === 'function' ? undefined : check(value),
  )
  if (typeof given !== 'function') return () => given
  return () => {
    const received = (given as () => T)()
    const expected = check(received)
    if (expected !== undefined) throw invalidArgument('createCollapser', { path: option, received, expected })
    return received
  }
}

function sizeFault(size: unknown): string | undefined {
  return Number.isSafeInteger(size) && Number(size) >= 1 && Number(size) <= MAX_SIZE
    ? undefined
    : `a whole number from 1 to ${String(MAX_SIZE)}`
}

function duplicatesFault(given: unknown): string | undefined {
  return DUPLICATES.some((one) => one === given) ? undefined : `one of "share", "reject"`
}
