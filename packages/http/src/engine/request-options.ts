/**
 * What can be said of requests, of all to a service or of some: the options, and the one way in which they are read.
 */
import { Hedge, Retry } from '@breakwater/breaker'
import type { HedgeOptions, RetryOptions } from '@breakwater/breaker'
import { fillsSlot, InvalidOptionsError, isPlainObject } from '@breakwater/kernel'
import type { FallbackCause, OptionReader, SlotName } from '@breakwater/kernel'
import { DEADLINE_HEADER } from '../core/deadline-header.js'
import { isFieldName } from '../core/request-headers.js'
import type { Verdict } from '../core/verdict.js'
import type { AttemptFailedError } from './attempt-failed-error.js'
import type { FallbackAnswer } from './plain-answer.js'

/** An answer, as far as it is known when its headers are. */
export interface AnswerHead {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** What a fallback is told of a request. */
export interface RequestShape {
  readonly service: string
  readonly method: string
  readonly path: string
}

type HttpFallback = (
  cause: FallbackCause,
  request: RequestShape,
) => FallbackAnswer | PromiseLike<FallbackAnswer>

/** How further attempts after failed ones are made. */
export interface HttpRetryOptions extends Pick<
  RetryOptions,
  'maxRetries' | 'backoff' | 'budget' | 'maxRetryAfterMs'
> {
  /** Whether a failure that may be repeated safely is worth it. Default: all but statuses 501 and 505. */
  readonly retryIf?: ((error: AttemptFailedError) => boolean) | undefined
}

/** How further attempts beside slow ones are made. */
export type HttpHedgeOptions = Omit<HedgeOptions, 'hedgeIf' | 'clock'>

export interface RequestOptions {
  /** The whole time of a request: waits, all attempts, and the body unless `endsWith` says otherwise. Default 10 000. */
  readonly timeoutMs?: number | false | undefined
  /** The time of one attempt until its headers. At most `timeoutMs`. Default 2 000. */
  readonly attemptTimeoutMs?: number | false | undefined
  /** Default: two further attempts within a budget of 20 %. */
  readonly retry?: HttpRetryOptions | false | undefined
  /** Default: none, but with the preset `hedged` or options. */
  readonly hedge?: HttpHedgeOptions | false | undefined
  /** Answers instead of a failing answer or an error. Default: none. */
  readonly fallback?: HttpFallback | false | undefined
  /** What an answer means. Default: statuses from 500 and 429 are failures. A throw counts as the default. */
  readonly classify?: ((answer: AnswerHead) => Verdict) | undefined
  /** Whether requests may be done twice, whatever their method. Default: as the method or an `idempotency-key` says. */
  readonly idempotent?: boolean | undefined
  /** What the time and the slot of a request end with: its `body`, or its `headers`. Default `body`. */
  readonly endsWith?: 'body' | 'headers' | undefined
  /** Milliseconds from the headers to the end of the body. Default `false`: no limit of its own. */
  readonly bodyTimeoutMs?: number | false | undefined
  /** Milliseconds without a byte of the body. Default 30 000; `false`: no limit. */
  readonly bodyIdleTimeoutMs?: number | false | undefined
  /** Bytes of an answer: as they come over the wire, and once more as `fetch` inflates them. Default `false`: no limit. */
  readonly maxBodyBytes?: number | false | undefined
  /** Request bodies up to so many bytes are sent again; larger ones are sent once. Default 1 048 576. */
  readonly maxReplayBytes?: number | undefined
  /** The header that tells a known service what time is left; `false`: none. Default `breakwater-timeout-ms`. */
  readonly deadlineHeader?: string | false | undefined
  /** The header that counts attempts, from the second on; `false`: none. Default `breakwater-attempt`. */
  readonly attemptHeader?: string | false | undefined
}

/** The same as they are in force. */
export interface ResolvedRequest {
  /** `Infinity`: no limit. */
  readonly timeoutMs: number
  readonly attemptTimeoutMs: number | undefined
  readonly retry: HttpRetryOptions | false | undefined
  readonly hedge: HedgeOptions | undefined
  readonly fallback: HttpFallback | undefined
  readonly classify: RequestOptions['classify']
  readonly idempotent: boolean | undefined
  readonly endsWith: 'body' | 'headers'
  readonly bodyTimeoutMs: number | undefined
  readonly bodyIdleTimeoutMs: number | undefined
  readonly maxBodyBytes: number | undefined
  readonly maxReplayBytes: number
  readonly deadlineHeader: string | undefined
  readonly attemptHeader: string | undefined
}

export const DEFAULTS: ResolvedRequest = {
  timeoutMs: 10_000,
  attemptTimeoutMs: 2_000,
  retry: undefined,
  hedge: undefined,
  fallback: undefined,
  classify: undefined,
  idempotent: undefined,
  endsWith: 'body',
  bodyTimeoutMs: undefined,
  bodyIdleTimeoutMs: 30_000,
  maxBodyBytes: undefined,
  maxReplayBytes: 1_048_576,
  deadlineHeader: DEADLINE_HEADER,
  attemptHeader: 'breakwater-attempt',
}

/** What undici makes itself, or takes for a mistake: a time in one of these would lead astray, or nowhere. */
const OF_CONNECTION = /^(?:connection|content-length|expect|host|keep-alive|transfer-encoding|upgrade)$/i

type RequestKey = keyof RequestOptions

// A complete list, which the type of the defaults sees to.
export const REQUEST_KEYS: readonly RequestKey[] = Object.keys(DEFAULTS) as RequestKey[]

type Reader = OptionReader<RequestKey>

/**
 * What was said, as it is in force; of what nobody spoke of there is nothing. Every fault is an issue of `read`, those of
 * the policies inside too.
 *
 * @param leastTimeMs - of the whole request; 0 where it may be over before it began
 */
export function readRequest(read: Reader, leastTimeMs: number): Partial<ResolvedRequest> {
  const timeOf = (key: RequestKey, min = 1): number | undefined =>
    unlessOff(read, key, () => read.durationMs(key, undefined, { min }))
  const said: Partial<ResolvedRequest> = {
    timeoutMs: timeOf('timeoutMs', leastTimeMs) ?? Infinity,
    attemptTimeoutMs: timeOf('attemptTimeoutMs'),
    retry: readPolicy<HttpRetryOptions>(
      read,
      'retry',
      undefined,
      (options) => new Retry(options as RetryOptions),
    ),
    hedge:
      readPolicy<HttpHedgeOptions>(read, 'hedge', undefined, (options) => new Hedge(options)) || undefined,
    fallback: unlessOff(read, 'fallback', (key) => read.fn<HttpFallback>(key)),
    classify: read.fn<NonNullable<RequestOptions['classify']>>('classify'),
    idempotent: read.boolean('idempotent', undefined),
    endsWith: read.oneOf('endsWith', 'body', ['body', 'headers']),
    bodyTimeoutMs: timeOf('bodyTimeoutMs'),
    bodyIdleTimeoutMs: timeOf('bodyIdleTimeoutMs'),
    maxBodyBytes: unlessOff(read, 'maxBodyBytes', (key) => read.integer(key, undefined, { min: 1 })),
    maxReplayBytes: read.integer('maxReplayBytes', 0, { min: 0 }),
    deadlineHeader: unlessOff(read, 'deadlineHeader', (key) => readHeader(read, key)),
    attemptHeader: unlessOff(read, 'attemptHeader', (key) => readHeader(read, key)),
  }
  return Object.fromEntries(Object.entries(said).filter(([key]) => read.has(key as RequestKey)))
}

/** An attempt cannot take longer than its request; every other pair of times is fine. */
export function checkTimes(
  read: Reader,
  { timeoutMs = Infinity, attemptTimeoutMs = 0 }: Partial<ResolvedRequest>,
): void {
  if (attemptTimeoutMs > timeoutMs)
    read.issue('attemptTimeoutMs', attemptTimeoutMs, `at most timeoutMs, ${String(timeoutMs)}`)
}

function unlessOff<T>(read: Reader, key: RequestKey, value: (key: RequestKey) => T): T | undefined {
  return read.value(key) === false ? undefined : value(key)
}

/** What can be shared between services: which slot it fills, and what has it. */
export interface Shareable {
  readonly slot: SlotName
  readonly names: readonly string[]
}

/** Options of a policy, one to share, or `false`. `make` makes one of options, which checks them here. */
export function readPolicy<O extends object, P = never, K extends string = RequestKey>(
  read: OptionReader<K>,
  key: K,
  shared: Shareable | undefined,
  make?: (options: O) => unknown,
): O | P | false | undefined {
  const policy = read.custom<O | P | false, undefined>(key, undefined, (given) =>
    given === false || isPlainObject(given) || (shared !== undefined && fillsSlot(given, shared.slot))
      ? undefined
      : [
          'options',
          ...(shared?.names ?? []).map((name) => `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`),
          'or false',
        ].join(', '),
  )
  if (!isPlainObject(policy)) return policy
  const own = copyOf(policy as O)
  try {
    make?.(own)
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    for (const { path, received, expected, hint } of error.issues)
      read.issue(`${key}.${path}`, received, expected, hint)
  }
  return own
}

// Services and settings are made of them whenever they are first asked for, and what the caller gave is his.
function copyOf<O extends object>(options: O): O {
  try {
    return { ...options }
  } catch {
    // Who checks them tells what cannot be read.
    return options
  }
}

/** What is left open stays as it is said elsewhere. */
export function withoutGaps<O extends object>(options: O): Partial<O> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<O>
}

function readHeader(read: Reader, key: RequestKey): string {
  const name = read.custom<string, string>(key, '', (value) =>
    typeof value === 'string' && isFieldName(value) && !OF_CONNECTION.test(value)
      ? undefined
      : 'the name of a header that is not of the connection, or false',
  )
  return name.toLowerCase()
}
