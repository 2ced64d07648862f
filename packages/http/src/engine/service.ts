/**
 * A service that requests go to: its policies, its balancer, and the pools of its instances. A host outside of any service
 * is one without a balancer.
 */
import { errorRate } from '@breakwater/breaker'
import { createCommand } from '@breakwater/command'
import type { Command } from '@breakwater/command'
import type { Balancer, Instance, InstanceSource, Pick } from '@breakwater/discovery-client'
import { createBalancer } from '@breakwater/discovery-client'
import { fillsSlot, isPlainObject } from '@breakwater/kernel'
import type { Call, Clock } from '@breakwater/kernel'
import { retryHintOf } from '../core/retry-after.js'
import type { RetryHint } from '../core/retry-after.js'
import type { Exchange, Outlet } from '../wire/exchange.js'
import type { InstancePool } from '../wire/instance-pool.js'
import type { Pools } from '../wire/pools.js'
import { withSettings } from './call-settings.js'
import type { OwnSettings } from './call-settings.js'
import { answerInstead, runWithOwn } from './fallbacks.js'
import { FurtherAttempts } from './further-attempts.js'
import { withFreeName } from './free-name.js'
import type { HttpCall } from './http-call.js'
import { InstancePools } from './instance-pools.js'
import { needsTls, refusePlain, withoutPlain } from './plain-text.js'
import type { ResolvedService, Surroundings } from './service-options.js'
import { Terms } from './terms.js'
import { takeTurn } from './turn.js'

/** What a service is, besides its options. */
export interface ServicePlace {
  readonly name: string
  /** Who knows its instances; absent for a host outside of any service. */
  readonly source: InstanceSource | undefined
  /** Of such a host. */
  readonly origin: string | undefined
  readonly pools: Pools
}

const MAX_RETRY_AFTER_MS = 300_000

export class Service {
  readonly name: string
  readonly clock: Clock
  readonly options: ResolvedService
  readonly isKnown: boolean
  readonly further: FurtherAttempts
  /** Of requests without settings of their own. */
  readonly terms: Terms
  readonly command: Command<[HttpCall], unknown>
  readonly balancer: Balancer | undefined
  /** Whether its client is: then no attempt follows another through the connections of that. */
  isClosed = false
  private readonly place: ServicePlace
  /** Whether a request may have to wait until it begins. */
  private readonly mayWait: boolean
  /** Of requests with settings of their own, for as long as somebody has these. */
  private readonly ownTerms = new WeakMap<OwnSettings, Terms>()
  private readonly instances: InstancePools | undefined
  /** Those whose turn has not come. */
  private readonly waiting = new Set<HttpCall>()

  /** `isRehearsal`: only to see whether the options are right; no connection is made. */
  constructor(place: ServicePlace, options: ResolvedService, around: Surroundings, isRehearsal = false) {
    const { name, source, pools } = place
    this.name = name
    this.place = place
    this.options = options
    this.clock = around.clock
    this.isKnown = source !== undefined
    this.further = new FurtherAttempts(options, around)
    this.terms = new Terms(this, options)
    this.command = this.makeCommand(around)
    this.mayWait = [options.rate, options.bulkhead].some(hasQueue)
    this.balancer = source === undefined ? undefined : balancerOf(source, this, around)
    if (source !== undefined && !isRehearsal)
      this.instances = new InstancePools({
        pools,
        source,
        service: options.service ?? name,
        tlsName: options.tlsName,
      })
  }

  /** What requests with these settings go by. */
  termsFor(settings: OwnSettings | undefined): Terms {
    if (settings === undefined) return this.terms
    const known = this.ownTerms.get(settings)
    if (known !== undefined) return known
    const terms = new Terms(this, withSettings(this.options, settings), settings)
    this.ownTerms.set(settings, terms)
    return terms
  }

  /** Sends a request through all policies. */
  run(call: HttpCall): void {
    const { command, options } = this
    if (this.mayWait) this.waiting.add(call)
    const calls = this.mayWait ? command.with(takeTurn(call)) : command
    const hasOwnFallback = call.terms.options.fallback !== options.fallback
    const end = hasOwnFallback ? runWithOwn(calls, call) : calls.execute(call)
    // Answers have been passed on.
    const ended = end.catch(call.failed.bind(call))
    if (this.mayWait) void ended.then(() => this.waiting.delete(call))
  }

  /** Begins no more attempts, and ends the requests whose turn has not come. */
  close(reason: Error): void {
    this.isClosed = true
    for (const { turn } of this.waiting) turn?.leave(reason)
  }

  /** How many instances there are to choose from. */
  get instanceCount(): number {
    return this.instances?.size ?? 0
  }

  /** Whether nothing is under way, and nothing would be forgotten. */
  get isIdle(): boolean {
    return this.command.isIdle
  }

  /** Whether nothing is under way, and nobody was ever there to be called. */
  get isUnused(): boolean {
    if (this.balancer === undefined || this.command.snapshot().inFlight > 0) return false
    const { calls, inFlight } = this.balancer.snapshot()
    return (
      inFlight === 0 && Object.entries(calls).every(([kind, count]) => kind === 'no_instance' || count === 0)
    )
  }

  /** Chooses an instance for the next attempt; null where there is no choice. */
  pick(call: HttpCall): Pick | null {
    const { balancer } = this
    if (balancer === undefined) return null
    const { tried } = call
    const { key } = call.terms
    const isSecure = needsTls(call.options.origin)
    const exclude = isSecure ? withoutPlain(tried, this.instances?.plainIds) : tried
    const asks = exclude !== null || key !== undefined
    const pick = balancer.pick(asks ? { key, exclude: exclude ?? undefined } : undefined)
    if (isSecure && !pick.instance.secure) refusePlain(pick, this.name)
    if (tried === null) call.tried = [pick.instance.id]
    else tried.push(pick.instance.id)
    return pick
  }

  outletOf(instance: Instance | undefined): Outlet | InstancePool {
    const { instances, place } = this
    return instance === undefined || instances === undefined
      ? place.pools.forOrigin(place.origin ?? '')
      : instances.of(instance)
  }

  hintOf(exchange: Exchange): RetryHint {
    return retryHintOf(exchange.headers, this.clock.epochNow(), MAX_RETRY_AFTER_MS)
  }

  dispose(): void {
    this.command.dispose()
    this.balancer?.dispose()
    this.instances?.dispose()
  }

  private begin(call: HttpCall): Promise<unknown> {
    if (this.mayWait) this.waiting.delete(call)
    return call.terms.send(call)
  }

  private makeCommand({ clock, random, runtime }: Surroundings): Command<[HttpCall], unknown> {
    const { rate, bulkhead, fallback } = this.options
    const breaker = breakerOf(this.options)
    const make = (name: string): Command<[HttpCall], unknown> =>
      createCommand({
        name,
        group: 'http',
        run: (_call: Call, request: HttpCall) => this.begin(request),
        fallback: fallback && answerInstead,
        timeoutMs: false,
        attemptTimeoutMs: false,
        retry: false,
        retryCounts: () => this.further.counts,
        rate,
        breaker,
        bulkhead: bulkhead ?? { limit: 1_000 },
        clock,
        random,
        runtime,
      })
    return withFreeName(this.name, make)
  }
}

/** Whether a policy lets calls wait; one that is shared may be changed to do so. */
function hasQueue(policy: ResolvedService['rate'] | ResolvedService['bulkhead']): boolean {
  if (policy === undefined || policy === false) return false
  return !isPlainObject(policy) || policy['queue'] !== undefined
}

// Attempts have a time of their own, so slowness is none of its business: bodies may take as long as they like.
function breakerOf({ breaker }: ResolvedService): ResolvedService['breaker'] {
  if (breaker === false || fillsSlot(breaker, 'breaker') || breaker?.compat !== undefined) return breaker
  const { trip = errorRate() } = breaker ?? {}
  return { ...breaker, trip }
}

// Its numbers are beside those of the command, under the same name.
function balancerOf(
  source: InstanceSource,
  { name, command, options: { balancer, service } }: Service,
  { clock, random, runtime }: Surroundings,
): Balancer {
  const shown = { name: balancer?.name ?? command.name, runtime: balancer?.runtime ?? runtime }
  return createBalancer({ ...balancer, ...shown, source, service: service ?? name, clock, random })
}
