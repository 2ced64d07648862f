/**
 * The options of a service, and of one request, their defaults and their check.
 */
import { AdaptiveLimiter, Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import type { BulkheadOptions, CircuitBreakerOptions, HedgeOptions, RetryOptions } from '@breakwater/breaker'
import type { BalancerOptions, Instance, InstanceLists, InstanceSource } from '@breakwater/discovery-client'
import { isPlainObject, MAX_DURATION_MS, readOptions } from '@breakwater/kernel'
import type { Clock, FallbackCause, OptionIssue, OptionReader, Random, Runtime } from '@breakwater/kernel'
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

export interface ServiceOptions {
  /** `hedged` is `standard` with a hedge. Default `standard`. */
  readonly preset?: 'standard' | 'hedged' | undefined
  /** The whole time of a request: waits, all attempts, and the body unless `endsWith` says otherwise. Default 10 000. */
  readonly timeoutMs?: number | false | undefined
  /** The time of one attempt until its headers. At most `timeoutMs`. Default 2 000. */
  readonly attemptTimeoutMs?: number | false | undefined
  /** Default: two further attempts within a budget of 20 %. */
  readonly retry?: HttpRetryOptions | false | undefined
  /** Default: none, but with the preset `hedged` or options. */
  readonly hedge?: Omit<HedgeOptions, 'hedgeIf' | 'clock'> | false | undefined
  /** Of the whole service; it hears how requests end after their retries. */
  readonly breaker?: CircuitBreakerOptions | CircuitBreaker | false | undefined
  /** Requests at once. Default: 1 000, and nobody waits. */
  readonly bulkhead?: BulkheadOptions | Bulkhead | false | undefined
  /** Answers instead of a failing answer or an error. Default: none. */
  readonly fallback?: HttpFallback | false | undefined
  /** What an answer means. Default: statuses from 500 and 429 are failures. A throw counts as the default. */
  readonly classify?: ((answer: AnswerHead) => Verdict) | undefined
  /** Whether requests may be done twice, whatever their method. Default: as the method or an `idempotency-key` says. */
  readonly idempotent?: boolean | undefined
  /** What the time and the slot of a request end with: its `body`, or its `headers`. Default `body`. */
  readonly endsWith?: 'body' | 'headers' | undefined
  /** Milliseconds from the headers to the end of the body. Default: no limit of its own. */
  readonly bodyTimeoutMs?: number | undefined
  /** Milliseconds without a byte of the body. Default 30 000; `false`: no limit. */
  readonly bodyIdleTimeoutMs?: number | false | undefined
  /** Bytes of an answer: as they come over the wire, and once more as `fetch` inflates them. Default: no limit. */
  readonly maxBodyBytes?: number | undefined
  /** Request bodies up to so many bytes are sent again; larger ones are sent once. Default 1 048 576. */
  readonly maxReplayBytes?: number | undefined
  /** The header that tells a known service what time is left; `false`: none. Default `breakwater-timeout-ms`. */
  readonly deadlineHeader?: string | false | undefined
  /** The header that counts attempts, from the second on; `false`: none. Default `breakwater-attempt`. */
  readonly attemptHeader?: string | false | undefined
  /** How instances are chosen and ejected. */
  readonly balancer?: Omit<BalancerOptions, 'source' | 'service' | 'clock' | 'random'> | undefined
  /** Who knows the instances. Default: the source of the client. */
  readonly source?: InstanceSource | undefined
  /** The instances, where no source knows them. */
  readonly instances?: InstanceLists[string] | undefined
  /** The name of the service in its source. Default: its name here. */
  readonly service?: string | undefined
  /** What certificates of instances must name instead of their hosts: a name, or how to tell it. */
  readonly tlsName?: string | ((instance: Instance) => string) | undefined
}

/** What can be said about one request, over what its service says. */
export interface CallSettings {
  readonly timeoutMs?: number | false | undefined
  readonly attemptTimeoutMs?: number | false | undefined
  /** `false`: one attempt after the other is not made. */
  readonly retry?: false | undefined
  /** `false`: attempts beside each other are not made. */
  readonly hedge?: false | undefined
  readonly idempotent?: boolean | undefined
  /** What hashing strategies choose an instance by. */
  readonly key?: string | undefined
  /** Makes the body, once for each attempt: for bodies that cannot be sent again. */
  readonly body?: (() => NonNullable<unknown>) | undefined
}

/** Options as they are in force; those of policies are checked by the policies. */
export interface ResolvedService extends Omit<
  ServiceOptions,
  | 'timeoutMs'
  | 'attemptTimeoutMs'
  | 'bodyIdleTimeoutMs'
  | 'deadlineHeader'
  | 'attemptHeader'
  | 'hedge'
  | 'fallback'
> {
  readonly timeoutMs: number
  readonly attemptTimeoutMs: number | undefined
  readonly hedge: HedgeOptions | undefined
  readonly fallback: HttpFallback | undefined
  readonly bodyIdleTimeoutMs: number | undefined
  readonly maxReplayBytes: number
  readonly deadlineHeader: string | undefined
  readonly attemptHeader: string | undefined
  readonly endsWith: 'body' | 'headers'
}

/** What services have in common that is not theirs. */
export interface Surroundings {
  readonly clock: Clock
  readonly random: Random | undefined
  readonly runtime: Runtime | undefined
}

export const SERVICE_KEYS = [
  'preset',
  'timeoutMs',
  'attemptTimeoutMs',
  'retry',
  'hedge',
  'breaker',
  'bulkhead',
  'fallback',
  'classify',
  'idempotent',
  'endsWith',
  'bodyTimeoutMs',
  'bodyIdleTimeoutMs',
  'maxBodyBytes',
  'maxReplayBytes',
  'deadlineHeader',
  'attemptHeader',
  'balancer',
  'source',
  'instances',
  'service',
  'tlsName',
] as const
const CALL_KEYS = ['timeoutMs', 'attemptTimeoutMs', 'retry', 'hedge', 'idempotent', 'key', 'body'] as const

type ServiceKey = (typeof SERVICE_KEYS)[number]

/** Completes the options of a service; every fault is added to `issues`. */
export function resolveService(given: ServiceOptions, issues: OptionIssue[], path: string): ResolvedService {
  const read = readOptions('createHttpClient', given, SERVICE_KEYS)
  const timeoutMs = readTime(read, 'timeoutMs', 10_000) ?? Infinity
  const attemptTimeoutMs = readTime(read, 'attemptTimeoutMs', Math.min(2_000, timeoutMs))
  if (attemptTimeoutMs !== undefined && attemptTimeoutMs > timeoutMs)
    read.issue('attemptTimeoutMs', attemptTimeoutMs, `at most timeoutMs, ${String(timeoutMs)}`)
  const isHedged = read.oneOf('preset', 'standard', ['standard', 'hedged']) === 'hedged'
  const hedge = readPolicy<HedgeOptions, false>(read, 'hedge') ?? (isHedged ? {} : undefined)
  const resolved: ResolvedService = {
    ...given,
    timeoutMs,
    attemptTimeoutMs,
    retry: readPolicy<HttpRetryOptions, false>(read, 'retry'),
    hedge: hedge === false ? undefined : hedge,
    breaker: readPolicy<CircuitBreakerOptions, CircuitBreaker | false>(read, 'breaker', [CircuitBreaker]),
    bulkhead: readPolicy<BulkheadOptions, Bulkhead | false>(read, 'bulkhead', [Bulkhead, AdaptiveLimiter]),
    balancer: read.custom<NonNullable<ServiceOptions['balancer']>, undefined>(
      'balancer',
      undefined,
      (value) => (isPlainObject(value) ? undefined : 'options'),
    ),
    fallback: read.value('fallback') === false ? undefined : read.fn<HttpFallback>('fallback'),
    classify: read.fn<NonNullable<ServiceOptions['classify']>>('classify'),
    idempotent: read.boolean('idempotent', undefined),
    endsWith: read.oneOf('endsWith', 'body', ['body', 'headers']),
    bodyTimeoutMs: read.durationMs('bodyTimeoutMs', undefined, { min: 1 }),
    bodyIdleTimeoutMs: readTime(read, 'bodyIdleTimeoutMs', 30_000),
    maxBodyBytes: read.integer('maxBodyBytes', undefined, { min: 1 }),
    maxReplayBytes: read.integer('maxReplayBytes', 1_048_576, { min: 0 }),
    deadlineHeader: readHeader(read, 'deadlineHeader', DEADLINE_HEADER),
    attemptHeader: readHeader(read, 'attemptHeader', 'breakwater-attempt'),
    service: read.string('service', undefined, { minLength: 1 }),
  }
  issues.push(...read.issues.map((issue) => ({ ...issue, path: `${path}${issue.path}` })))
  return Object.freeze(resolved)
}

/** Checks what is said about one request; throws `InvalidOptionsError`. */
export function checkedSettings(given: CallSettings): CallSettings {
  const read = readOptions('client.with', given, CALL_KEYS)
  const isOff = (value: unknown): string | undefined => (value === false ? undefined : 'false, or nothing')
  const settings: CallSettings = {
    timeoutMs: read.value('timeoutMs') === false ? false : read.durationMs('timeoutMs', undefined),
    attemptTimeoutMs:
      read.value('attemptTimeoutMs') === false
        ? false
        : read.durationMs('attemptTimeoutMs', undefined, { min: 1 }),
    retry: read.custom<false, undefined>('retry', undefined, isOff),
    hedge: read.custom<false, undefined>('hedge', undefined, isOff),
    idempotent: read.boolean('idempotent', undefined),
    key: read.string('key', undefined),
    body: read.fn<NonNullable<CallSettings['body']>>('body'),
  }
  read.finish()
  return Object.freeze(settings)
}

type Times = 'timeoutMs' | 'attemptTimeoutMs' | 'bodyIdleTimeoutMs'

function readTime(read: OptionReader<ServiceKey>, key: Times, fallback: number): number | undefined {
  if (read.value(key) === false) return undefined
  return read.durationMs(key, Math.min(fallback, MAX_DURATION_MS), { min: 1 })
}

function readPolicy<O, P>(
  read: OptionReader<ServiceKey>,
  key: 'retry' | 'hedge' | 'breaker' | 'bulkhead',
  types: readonly (abstract new (...args: never[]) => unknown)[] = [],
): O | P | undefined {
  return read.custom<O | P, undefined>(key, undefined, (given) =>
    given === false || isPlainObject(given) || types.some((type) => given instanceof type)
      ? undefined
      : ['options', ...types.map(({ name }) => `a ${name}`), 'or false'].join(', '),
  )
}

function readHeader(
  read: OptionReader<ServiceKey>,
  key: 'deadlineHeader' | 'attemptHeader',
  fallback: string,
): string | undefined {
  if (read.value(key) === false) return undefined
  const name = read.custom<string, string>(key, fallback, (value) =>
    typeof value === 'string' && isFieldName(value) ? undefined : 'the name of a header, or false',
  )
  return name.toLowerCase()
}
