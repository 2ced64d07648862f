/**
 * The policies of one command: made, shared or changed, and put in their order.
 */
import { Bulkhead, CircuitBreaker, Hedge, Retry, RetryBudget, Timeout } from '@breakwater/breaker'
import type {
  AdaptiveLimiter,
  BulkheadOptions,
  CircuitBreakerOptions,
  RateLimiter,
  RateLimiterOptions,
} from '@breakwater/breaker'
import { Fallback } from '@breakwater/fallback'
import type { RequestCache } from '@breakwater/fallback'
import { createRuntime, fillsSlot, InvalidOptionsError, RequestScopeError } from '@breakwater/kernel'
import type { FallbackCause, OptionIssue, Runtime, SlotName, Stage } from '@breakwater/kernel'
import { cacheOf } from './command-cache.js'
import { hedgeStages } from './command-hedge.js'
import type { HedgeLedger } from './command-hedge.js'
import type { CommandMeter } from './command-meter.js'
import type { ResolvedCommand } from './command-options.js'
import { makeRate, RATE_KEYS } from './command-rate.js'
import { retryStage } from './command-retry.js'
import type { RetryLedger } from './command-retry.js'
import type { Given } from './option-merge.js'
import { totalTimeStage } from './total-time.js'

export interface Parts {
  readonly fallback: Fallback | undefined
  readonly cache: RequestCache | undefined
  readonly rate: RateLimiter | undefined
  readonly retry: Retry | undefined
  readonly hedge: Hedge | undefined
  /** What retries and hedges may spend, as long as no other budget is given. */
  readonly budget: RetryBudget
  readonly breaker: CircuitBreaker | undefined
  /** When the breaker was there, on the clock of the command. */
  readonly breakerSince: number
  readonly bulkhead: Bulkhead | AdaptiveLimiter | undefined
  readonly timeout: Timeout | undefined
}

/** Where a command writes down what happens. */
export interface Books {
  readonly meter: CommandMeter
  readonly ledger: RetryLedger
  readonly hedges: HedgeLedger
}

/** The options of a breaker that can be changed while it works. */
export const BREAKER_KEYS = ['trip', 'openMs', 'probes', 'ramp', 'classify', 'captureStack'] as const
/** The options of a bulkhead that can be changed while it works. */
export const BULKHEAD_KEYS = ['limit', 'queue', 'priority', 'releaseOnTimeout'] as const

/**
 * What is wrong with the `given` options of policies. Makes each of them once, but nowhere that anyone could see it;
 * those that nobody spoke of are as in the preset, and right.
 */
export function faultsOfParts(given: Given, resolved: ResolvedCommand): OptionIssue[] {
  const nowhere = createRuntime()
  const { breaker, bulkhead } = resolved
  const hidden: ResolvedCommand = {
    ...resolved,
    runtime: nowhere,
    breaker: owns(breaker, 'breaker') ? inRuntime(breaker as CircuitBreakerOptions, nowhere) : breaker,
    bulkhead: owns(bulkhead, 'limit') ? inRuntime(bulkhead as BulkheadOptions, nowhere) : bulkhead,
  }
  const makers = {
    rate: () => makeRate(hidden),
    retry: () => makeRetry(hidden, undefined),
    hedge: () => makeHedge(hidden, undefined),
    breaker: () => makeBreaker(hidden),
    bulkhead: () => makeBulkhead(hidden),
  }
  return (['rate', 'retry', 'hedge', 'breaker', 'bulkhead'] as const)
    .filter((key) => given[key] !== undefined)
    .flatMap((key) => faultsOf(key, resolved, makers[key]))
}

/** Makes the policies, or takes those that are to be shared. */
export function makeParts(resolved: ResolvedCommand): Parts {
  const budget = new RetryBudget()
  return {
    fallback: makeFallback(resolved),
    cache: cacheOf(resolved),
    rate: makeRate(resolved),
    retry: makeRetry(resolved, budget),
    hedge: makeHedge(resolved, budget),
    budget,
    breaker: makeBreaker(resolved),
    breakerSince: resolved.clock.now(),
    bulkhead: makeBulkhead(resolved),
    timeout: makeTimeout(resolved),
  }
}

/** The policies after an update: those that keep state stay, to be changed by {@link tuneParts}. */
export function changeParts(parts: Parts, before: ResolvedCommand, after: ResolvedCommand): Parts {
  const keepsBreaker = before.breaker === after.breaker || keepsOwn(before, after, 'breaker')
  const keepsRate = before.rate === after.rate || keepsOwn(before, after, 'rate')
  const keepsBulkhead = before.bulkhead === after.bulkhead || keepsOwn(before, after, 'bulkhead')
  return {
    fallback: parts.fallback,
    cache: parts.cache,
    rate: keepsRate ? parts.rate : makeRate(after),
    retry: before.retry === after.retry ? parts.retry : makeRetry(after, parts.budget),
    hedge: before.hedge === after.hedge ? parts.hedge : makeHedge(after, parts.budget),
    budget: parts.budget,
    breaker: keepsBreaker ? parts.breaker : makeBreaker(after),
    breakerSince: keepsBreaker ? parts.breakerSince : after.clock.now(),
    bulkhead: keepsBulkhead ? parts.bulkhead : makeBulkhead(after),
    timeout: before.attemptTimeoutMs === after.attemptTimeoutMs ? parts.timeout : makeTimeout(after),
  }
}

/**
 * Gives the policies that stayed their new options, as `now` has them; they tell their listeners, and may start work that
 * waited. What one of these changes again by an update of its own is in force then, and stays so.
 */
export function tuneParts(
  { fallback, rate, breaker, bulkhead }: Parts,
  before: ResolvedCommand,
  now: () => ResolvedCommand,
): void {
  const after = now()
  const isDue = (key: 'rate' | 'breaker' | 'bulkhead'): boolean =>
    before[key] !== after[key] && now()[key] === after[key] && keepsOwn(before, after, key)
  fallback?.limitTo(after.fallbackLimit)
  if (isDue('rate')) rate?.update(pick(after.rate as RateLimiterOptions, RATE_KEYS))
  if (isDue('breaker')) breaker?.update(pick(after.breaker as CircuitBreakerOptions, BREAKER_KEYS))
  if (isDue('bulkhead')) (bulkhead as Bulkhead).update(pick(after.bulkhead as BulkheadOptions, BULKHEAD_KEYS))
}

/** Removes what was made for this command alone, unless it is `kept`; shared policies stay. */
export function disposeOwned(parts: Parts, { breaker, bulkhead }: ResolvedCommand, kept?: Parts): void {
  if (owns(breaker, 'breaker') && parts.breaker !== kept?.breaker) parts.breaker?.dispose()
  if (owns(bulkhead, 'limit') && parts.bulkhead !== kept?.bulkhead) parts.bulkhead?.dispose()
}

/** Whether a policy is made from these options, and not shared or switched off. */
export function owns(given: unknown, slot: SlotName): boolean {
  return given !== undefined && !fillsSlot(given, slot)
}

/** The stages of a command, outermost first. */
export function stagesOfCommand(parts: Parts, resolved: ResolvedCommand, books: Books): Stage[] {
  const { meter, ledger, hedges } = books
  const { fallback, cache, rate, retry, hedge, breaker, bulkhead, timeout } = parts
  const { timeoutMs, isIdempotent, clock } = resolved
  // Its clock is that of the whole, also where no policy brings one.
  const metered: Stage = { slot: 'meter', part: meter, clock, describe: () => ({ kind: 'meter' }) }
  const stages = [
    metered,
    fallback?.stage,
    cache?.stage,
    timeoutMs === undefined ? undefined : totalTimeStage(timeoutMs),
    rate?.stage,
    retry === undefined || !isIdempotent ? undefined : retryStage(retry, ledger),
    ...(hedge === undefined || !isIdempotent ? [] : hedgeStages(hedge, meter, hedges)),
    breaker?.stage,
    bulkhead?.stage,
    timeout?.stage,
  ]
  return stages.filter((stage) => stage !== undefined)
}

function keepsOwn(
  before: ResolvedCommand,
  after: ResolvedCommand,
  key: 'rate' | 'breaker' | 'bulkhead',
): boolean {
  const slot = key === 'bulkhead' ? 'limit' : key
  return owns(before[key], slot) && owns(after[key], slot)
}

function makeRetry(
  { retry, clock, random }: ResolvedCommand,
  budget: RetryBudget | undefined,
): Retry | undefined {
  return retry === undefined || fillsSlot(retry, 'retry')
    ? retry
    : new Retry({ clock, random, budget, ...retry })
}

function makeHedge({ hedge, clock }: ResolvedCommand, budget: RetryBudget | undefined): Hedge | undefined {
  return hedge === undefined || fillsSlot(hedge, 'hedge') ? hedge : new Hedge({ clock, budget, ...hedge })
}

function makeBreaker(resolved: ResolvedCommand): CircuitBreaker | undefined {
  const { breaker, name, group, runtime, clock, random } = resolved
  return breaker === undefined || fillsSlot(breaker, 'breaker')
    ? breaker
    : new CircuitBreaker({ name, group, runtime, clock, random, ...breaker })
}

function makeBulkhead(resolved: ResolvedCommand): Parts['bulkhead'] {
  const { bulkhead, name, group, runtime, clock } = resolved
  return bulkhead === undefined || fillsSlot(bulkhead, 'limit')
    ? bulkhead
    : new Bulkhead({ name, group, runtime, clock, ...bulkhead })
}

function makeTimeout({ attemptTimeoutMs, clock }: ResolvedCommand): Timeout | undefined {
  return attemptTimeoutMs === undefined ? undefined : new Timeout({ timeoutMs: attemptTimeoutMs, clock })
}

function makeFallback({ fallback, fallbackLimit, cacheKey }: ResolvedCommand): Fallback | undefined {
  if (fallback === undefined) return undefined
  const handler = (cause: FallbackCause, _call: unknown, ...args: unknown[]): unknown =>
    fallback(cause, ...args)
  // Who calls outside of any request has made a mistake, of which an answer would tell nobody.
  const when = ({ kind, error }: FallbackCause): boolean =>
    kind !== 'ignored' && !(error instanceof RequestScopeError)
  return new Fallback({ chain: [handler], limit: fallbackLimit, ...(cacheKey === undefined ? {} : { when }) })
}

/** The faults that `make` finds, under `path`; and a clock of its own is one, because time cannot be two things at once. */
function faultsOf(
  path: 'rate' | 'retry' | 'hedge' | 'breaker' | 'bulkhead',
  resolved: ResolvedCommand,
  make: () => { readonly stage: Stage } | undefined,
): OptionIssue[] {
  try {
    const clock = make()?.stage.clock
    if (clock === undefined || clock === resolved.clock) return []
    return [{ path, received: resolved[path], expected: 'something on the clock of the command' }]
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    return error.issues.map((issue) => ({ ...issue, path: `${path}.${issue.path}` }))
  }
}

// A runtime that is none stays, for the check to find.
function inRuntime<O extends { readonly runtime?: Runtime | undefined }>(options: O, runtime: Runtime): O {
  const { register, instruments, on } = options.runtime ?? runtime
  const isRuntime = [register, instruments, on].every((method) => typeof method === 'function')
  return isRuntime ? { ...options, runtime } : options
}

function pick<O extends object, K extends keyof O>(options: O, keys: readonly K[]): Pick<O, K> {
  // A key that is not there is picked too: its default is to apply again.
  return Object.fromEntries(keys.map((key) => [key, options[key]])) as Pick<O, K>
}
