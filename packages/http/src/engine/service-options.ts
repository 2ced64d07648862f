/** The options of a service, their defaults and their check. */
import { RateLimiter } from '@breakwater/breaker'
import type {
  AdaptiveLimiter,
  Bulkhead,
  BulkheadOptions,
  CircuitBreaker,
  CircuitBreakerOptions,
  RateLimiterOptions,
} from '@breakwater/breaker'
import type { BalancerOptions, Instance, InstanceLists, InstanceSource } from '@breakwater/discovery-client'
import { isPlainObject, readOptions } from '@breakwater/kernel'
import type { Clock, OptionIssue, Random, Runtime } from '@breakwater/kernel'
import { checkTimes, DEFAULTS, readPolicy, readRequest, REQUEST_KEYS } from './request-options.js'
import type { RequestOptions, ResolvedRequest, Shareable } from './request-options.js'

export interface ServiceOptions extends RequestOptions {
  /** `hedged` is `standard` with a hedge. Default `standard`. */
  readonly preset?: 'standard' | 'hedged' | undefined
  /** How many requests begin in a time, whatever their attempts. Default: no limit. */
  readonly rate?: RateLimiterOptions | RateLimiter | false | undefined
  /** Of the whole service; it hears how requests end after their retries. */
  readonly breaker?: CircuitBreakerOptions | CircuitBreaker | false | undefined
  /** Requests at once. Default: 1 000, and nobody waits. */
  readonly bulkhead?: BulkheadOptions | Bulkhead | AdaptiveLimiter | false | undefined
  /** How instances are chosen and ejected. */
  readonly balancer?: Omit<BalancerOptions, 'source' | 'service' | 'clock' | 'random'> | undefined
  /** Who knows the instances. Default: the source of the client. */
  readonly source?: InstanceSource | undefined
  /** The instances, where no source knows them. */
  readonly instances?: InstanceLists[string] | undefined
  /** The name of the service in its source. Default: its name here, in lower case. */
  readonly service?: string | undefined
  /** What certificates of instances must name instead of their hosts: a name, or how to tell it. */
  readonly tlsName?: string | ((instance: Instance) => string) | undefined
}

/** Options as they are in force; those of policies are checked by the policies. */
export interface ResolvedService extends Omit<ServiceOptions, keyof RequestOptions>, ResolvedRequest {}

/** What services have in common that is not theirs. */
export interface Surroundings {
  readonly clock: Clock
  readonly random: Random | undefined
  readonly runtime: Runtime | undefined
}

type ServiceKey = keyof ServiceOptions

export const SERVICE_KEYS: readonly ServiceKey[] = [
  ...REQUEST_KEYS,
  'preset',
  'rate',
  'breaker',
  'bulkhead',
  'balancer',
  'source',
  'instances',
  'service',
  'tlsName',
]

const RATE: Shareable = { slot: 'rate', names: ['RateLimiter'] }
const BREAKER: Shareable = { slot: 'breaker', names: ['CircuitBreaker'] }
const LIMIT: Shareable = { slot: 'limit', names: ['Bulkhead', 'AdaptiveLimiter'] }

/** Completes the options of a service; every fault is added to `issues`. */
export function resolveService(given: ServiceOptions, issues: OptionIssue[], path: string): ResolvedService {
  const read = readOptions('createHttpClient', given, SERVICE_KEYS)
  const said = readRequest(read, 1)
  const { timeoutMs = DEFAULTS.timeoutMs } = said
  const isHedged = read.oneOf('preset', 'standard', ['standard', 'hedged']) === 'hedged'
  const policy = <O extends object, P>(
    ...rest: [key: ServiceKey, shared: Shareable, make?: (options: O) => unknown]
  ): O | P | false | undefined => readPolicy<O, P, ServiceKey>(read, ...rest)
  const resolved: ResolvedService = {
    ...given,
    ...DEFAULTS,
    attemptTimeoutMs: Math.min(2_000, timeoutMs),
    hedge: isHedged ? {} : undefined,
    ...said,
    rate: policy<RateLimiterOptions, RateLimiter>('rate', RATE, (options) => new RateLimiter(options)),
    // The command of the service checks the options of these, which register themselves where they are made.
    breaker: policy<CircuitBreakerOptions, CircuitBreaker>('breaker', BREAKER),
    bulkhead: policy<BulkheadOptions, Bulkhead | AdaptiveLimiter>('bulkhead', LIMIT),
    balancer: read.custom<NonNullable<ServiceOptions['balancer']>, undefined>(
      'balancer',
      undefined,
      (value) => (isPlainObject(value) ? undefined : 'options'),
    ),
    service: read.string('service', undefined, { minLength: 1 }),
    tlsName: read.custom<NonNullable<ServiceOptions['tlsName']>, undefined>('tlsName', undefined, (value) =>
      typeof value === 'function' || (typeof value === 'string' && value !== '')
        ? undefined
        : 'a host name, or a function that answers one',
    ),
  }
  checkTimes(read, resolved)
  issues.push(...read.issues.map((issue) => ({ ...issue, path: `${path}${issue.path}` })))
  return Object.freeze(resolved)
}
