/**
 * What a request goes by: what its service says, and over that what was said about the request itself. There is one for all requests
 * that nothing was said about, and one for each `client.with`.
 */
import { buildRunner, callerContext, reportInternalError } from '@breakwater/kernel'
import type { Call, CallOptions, Clock, Runner, Stage } from '@breakwater/kernel'
import { verdictOfStatus } from '../core/verdict.js'
import type { Verdict } from '../core/verdict.js'
import type { Exchange, ExchangeLimits } from '../wire/exchange.js'
import type { CallSettings } from './call-settings.js'
import type { FurtherAttempts, Stages } from './further-attempts.js'
import type { HttpAttempt } from './http-attempt.js'
import type { HttpCall } from './http-call.js'
import { limitsOf } from './limits.js'
import { Outgoing } from './outgoing.js'
import { mayRepeat } from './retries.js'
import type { ResolvedService } from './service-options.js'

/** The part of a service that its requests have in common, whatever was said about them. */
interface Common {
  readonly name: string
  readonly clock: Clock
  readonly further: FurtherAttempts
  /** Whether it is a service, and not a host outside of any. */
  readonly isKnown: boolean
}

const MAX_REPICKS = 3

export class Terms {
  readonly options: ResolvedService
  readonly key: string | undefined
  readonly body: CallSettings['body']
  readonly limits: ExchangeLimits
  readonly endsWithBody: boolean
  readonly maxRepicks: number
  readonly outgoing: Outgoing
  private readonly name: string
  private readonly further: FurtherAttempts
  private readonly stages: Stages
  private retryRunner: Runner | undefined = undefined
  private hedgeRunner: Runner | undefined = undefined

  constructor(
    { name, clock, further, isKnown }: Common,
    options: ResolvedService,
    { key, body }: Pick<CallSettings, 'key' | 'body'> = {},
  ) {
    this.name = name
    this.further = further
    this.options = options
    this.key = key
    this.body = body
    this.limits = limitsOf(options, clock)
    this.endsWithBody = options.endsWith === 'body'
    this.maxRepicks = options.retry === false ? 0 : MAX_REPICKS
    this.outgoing = new Outgoing(isKnown ? options : { ...options, deadlineHeader: undefined })
    this.stages = further.stagesFor(options)
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

  /** Further attempts after a first one that failed; undefined when there may be none. */
  goOn(call: HttpCall, error: Error): Promise<HttpAttempt> | undefined {
    const { afterFirst } = this.stages
    if (afterFirst === undefined || !mayRepeat(error)) return undefined
    if (!call.isOpen || call.isHedged) return undefined
    this.retryRunner ??= buildRunner([afterFirst], this.name)
    // The first attempt is told to the retry as it was; only those after it are made.
    let isFirst = true
    const work = (): Promise<HttpAttempt> => {
      if (!isFirst) return call.attempt()
      isFirst = false
      throw error
    }
    const { retryRunner } = this
    const more = (): Promise<unknown> => retryRunner.execute(work, asSignal(call))
    // The first has failed where its socket is heard, or the timer of many.
    return (call.context === null ? more() : call.context.runInAsyncScope(more)) as Promise<HttpAttempt>
  }

  /** All attempts; resolves when the request has ended, be it with its body or its headers. */
  send(call: HttpCall): Promise<unknown> {
    const { hedge } = this.stages
    if (this.maxRepicks > 0) call.context = callerContext()
    call.isHedged = hedge !== undefined && call.isReplayable && call.isIdempotent
    if (call.isHedged && hedge !== undefined) return this.sendHedged(call, hedge)
    this.further.called(call.startedAt)
    return call.attempt()
  }

  private sendHedged(call: HttpCall, hedge: Stage): Promise<unknown> {
    const { retry } = this.stages
    this.hedgeRunner ??= buildRunner(retry === undefined ? [hedge] : [retry, hedge], this.name)
    const answer = this.hedgeRunner.execute(oneAttempt, asSignal(call), call)
    return this.endsWithBody ? answer.then(untilBodyEnds) : answer
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
