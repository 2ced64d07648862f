/**
 * A service that requests go to: its policies, its balancer, and the pools of its instances. A host outside of any service
 * is one without a balancer.
 */
import type { Hedge, Retry } from '@breakwater/breaker'
import { createCommand, showRetries } from '@breakwater/command'
import type { Command } from '@breakwater/command'
import type { Balancer, Instance, InstanceSource, Pick } from '@breakwater/discovery-client'
import { createBalancer } from '@breakwater/discovery-client'
import { buildRunner, reportInternalError } from '@breakwater/kernel'
import type { Call, CallOptions, Clock, FallbackCause, Runner, Stage } from '@breakwater/kernel'
import { retryHintOf } from '../core/retry-after.js'
import type { RetryHint } from '../core/retry-after.js'
import { verdictOfStatus } from '../core/verdict.js'
import type { Verdict } from '../core/verdict.js'
import type { ExchangeLimits, Exchange, Outlet } from '../wire/exchange.js'
import type { InstancePool } from '../wire/instance-pool.js'
import type { Pools } from '../wire/pools.js'
import { furtherAttempts } from './further-attempts.js'
import type { FurtherAttempts } from './further-attempts.js'
import type { HttpAttempt } from './http-attempt.js'
import type { HttpCall } from './http-call.js'
import { InstancePools } from './instance-pools.js'
import { limitsOf, ownLimits } from './limits.js'
import { Outgoing } from './outgoing.js'
import type { Pace } from './pace.js'
import { needsTls, refusePlain, withoutPlain } from './plain-text.js'
import { PlainAnswer } from './plain-answer.js'
import { mayRepeat } from './retries.js'
import { withFreeName } from './free-name.js'
import type { CallSettings, ResolvedService, Surroundings } from './settings.js'

/** What a service is, besides its options. */
export interface ServicePlace {
  readonly name: string
  /** Who knows its instances; absent for a host outside of any service. */
  readonly source: InstanceSource | undefined
  /** Of such a host. */
  readonly origin: string | undefined
  readonly pools: Pools
}

const MAX_REPICKS = 3
const MAX_RETRY_AFTER_MS = 300_000

export class Service {
  readonly name: string
  readonly clock: Clock
  readonly options: ResolvedService
  readonly endsWithBody: boolean
  readonly maxRepicks: number
  readonly outgoing: Outgoing
  readonly command: Command<[HttpCall], unknown>
  readonly balancer: Balancer | undefined
  readonly retry: Retry | undefined
  readonly hedge: Hedge | undefined
  readonly pace: Pace | undefined
  private readonly place: ServicePlace
  private readonly limits: ExchangeLimits
  private readonly stages: FurtherAttempts['stages']
  private retryRunner: Runner | undefined = undefined
  private hedgeRunner: Runner | undefined = undefined
  private fullRunner: Runner | undefined = undefined
  private readonly instances: InstancePools | undefined

  /** `isRehearsal`: only to see whether the options are right; no connection is made. */
  constructor(place: ServicePlace, options: ResolvedService, around: Surroundings, isRehearsal = false) {
    const { name, source, pools } = place
    const { retry, endsWith } = options
    this.name = name
    this.place = place
    this.options = options
    this.clock = around.clock
    this.endsWithBody = endsWith === 'body'
    this.maxRepicks = retry === false ? 0 : MAX_REPICKS
    this.outgoing = new Outgoing(source === undefined ? { ...options, deadlineHeader: undefined } : options)
    this.limits = limitsOf(options, around.clock)
    const again = furtherAttempts(options, around)
    this.retry = again.retry
    this.hedge = again.hedge
    this.pace = again.pace
    this.stages = again.stages
    this.command = this.makeCommand(around)
    if (again.retry !== undefined) showRetries(this.command, again.retry)
    this.balancer = source === undefined ? undefined : balancerOf(source, this, around)
    if (source !== undefined && !isRehearsal)
      this.instances = new InstancePools({
        pools,
        source,
        service: options.service ?? name,
        tlsName: options.tlsName,
      })
  }

  /** Sends a request through all policies. */
  run(call: HttpCall): void {
    this.command.execute(call).then(
      (value) => call.succeeded(value),
      (error: unknown) => call.failed(error),
    )
  }

  /** How many instances there are to choose from. */
  get instanceCount(): number {
    return this.instances?.size ?? 0
  }

  /** Whether nothing is under way, and nothing would be forgotten. */
  get isIdle(): boolean {
    return this.command.isIdle
  }

  /** Chooses an instance for the next attempt; null where there is no choice. */
  pick(call: HttpCall): Pick | null {
    const { balancer } = this
    if (balancer === undefined) return null
    const { tried, settings } = call
    const key = settings?.key
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

  judge(exchange: Exchange): Verdict {
    const { classify } = this.options
    if (classify === undefined) return verdictOfStatus(exchange.statusCode)
    try {
      const verdict = classify(exchange)
      if (verdict === 'success' || verdict === 'failure' || verdict === 'ignored') return verdict
    } catch (error) {
      reportInternalError(error, 'classify')
    }
    return verdictOfStatus(exchange.statusCode)
  }

  hintOf(exchange: Exchange): RetryHint {
    return retryHintOf(exchange.headers, this.clock.epochNow(), MAX_RETRY_AFTER_MS)
  }

  limitsFor(settings: CallSettings | undefined): ExchangeLimits {
    const { options, limits, clock } = this
    return settings === undefined ? limits : (ownLimits(options, settings, clock) ?? limits)
  }

  dispose(): void {
    this.command.dispose()
    this.balancer?.dispose()
    this.instances?.dispose()
  }

  private makeCommand({ clock, random, runtime }: Surroundings): Command<[HttpCall], unknown> {
    const { breaker, bulkhead, fallback } = this.options
    const make = (name: string): Command<[HttpCall], unknown> =>
      createCommand({
        name,
        group: 'http',
        run: (_call: Call, request: HttpCall) => this.send(request),
        ...(fallback === undefined
          ? {}
          : { fallback: (cause: FallbackCause, request: HttpCall) => this.answerInstead(cause, request) }),
        timeoutMs: false,
        attemptTimeoutMs: false,
        retry: false,
        breaker,
        bulkhead: bulkhead ?? { limit: 1_000 },
        clock,
        random,
        runtime,
      })
    return withFreeName(this.name, make)
  }

  /** Further attempts after a first one that failed; undefined when there may be none. */
  goOn(call: HttpCall, error: Error): Promise<HttpAttempt> | undefined {
    const { afterFirst } = this.stages
    if (afterFirst === undefined || !mayRepeat(error) || call.settings?.retry === false) return undefined
    this.retryRunner ??= buildRunner([afterFirst], this.name)
    // The first attempt is told to the retry as it was; only those after it are made.
    let isFirst = true
    const work = (): Promise<HttpAttempt> => {
      if (!isFirst) return call.attempt()
      isFirst = false
      throw error
    }
    return this.retryRunner.execute(work, asSignal(call)) as Promise<HttpAttempt>
  }

  /** All attempts; resolves when the request has ended, be it with its body or its headers. */
  private send(call: HttpCall): Promise<unknown> {
    const { retry, hedge } = this.stages
    const { settings, isIdempotent, isReplayable } = call
    call.isHedged = hedge !== undefined && settings?.hedge !== false && isReplayable && isIdempotent
    if (call.isHedged && hedge !== undefined) return this.sendHedged(call, hedge)
    // What earns the budget of the retries; hedges count for themselves.
    retry?.part.called(call.startedAt)
    return call.attempt()
  }

  private sendHedged(call: HttpCall, hedge: Stage): Promise<unknown> {
    const { retry } = this.stages
    const retries = retry !== undefined && call.settings?.retry !== false
    const runner = retries
      ? (this.fullRunner ??= buildRunner([retry, hedge], this.name))
      : (this.hedgeRunner ??= buildRunner([hedge], this.name))
    const answer = runner.execute(oneAttempt, asSignal(call), call)
    return this.endsWithBody ? answer.then(untilBodyEnds) : answer
  }

  private async answerInstead(cause: FallbackCause, { options }: HttpCall): Promise<PlainAnswer> {
    const { method, path } = options
    const answer = await this.options.fallback?.(cause, { service: this.name, method, path })
    return new PlainAnswer(answer ?? {})
  }
}

const oneAttempt = ((call: Call, request: HttpCall): Promise<HttpAttempt> => request.hedgedAttempt(call)) as (
  call: Call,
) => Promise<HttpAttempt>

function asSignal(call: HttpCall): CallOptions {
  // It is one to those who look, which is what the runner does.
  return { signal: call as unknown as AbortSignal }
}

function untilBodyEnds(attempt: unknown): unknown {
  return (attempt as HttpAttempt).bodyEnd()
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
