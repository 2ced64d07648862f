/**
 * What makes further attempts of a service's requests: after failed ones, and beside slow ones. Single requests may have rules of
 * their own; the budget, the counts, the listeners and what is known of the pace are those of the service.
 */
import { Hedge, RetryBudget } from '@breakwater/breaker'
import type { HedgeEvents, RetryEvents } from '@breakwater/breaker'
import { Emitter } from '@breakwater/kernel'
import type { RetryCounts, Stage } from '@breakwater/kernel'
import { Pace } from './pace.js'
import { mayHedge, retryOf } from './retries.js'
import type { Retries, RetryStage } from './retries.js'
import type { ResolvedRequest } from './request-options.js'
import type { Surroundings } from './service-options.js'

/** What is told of them. */
export interface FurtherEvents {
  retry: RetryEvents['retry']
  exhausted: RetryEvents['exhausted']
  hedge: HedgeEvents['hedge']
}

/** How some requests make them. */
export interface Stages {
  readonly retry: RetryStage | undefined
  /** The same where the first attempt has been made and counted before. */
  readonly afterFirst: RetryStage | undefined
  readonly hedge: Stage | undefined
}

export class FurtherAttempts {
  readonly events: Emitter<FurtherEvents> = new Emitter('further attempts')
  readonly counts: { -readonly [K in keyof RetryCounts]: RetryCounts[K] } = {
    attempts: 0,
    success: 0,
    failure: 0,
    exhausted: 0,
  }
  /** To be told of good answers; absent while nobody asks how long they take. */
  pace: Pace | undefined = undefined
  private budget: RetryBudget | undefined
  private readonly around: Surroundings

  constructor({ retry }: ResolvedRequest, around: Surroundings) {
    this.budget = retry === false ? undefined : (retry?.budget ?? new RetryBudget())
    this.around = around
  }

  /** A request began that is not hedged: what earns the budget. Hedges count for themselves. */
  called(now: number): void {
    this.budget?.called(now)
  }

  stagesFor({ retry, hedge }: ResolvedRequest): Stages {
    const retries = retry === false ? undefined : this.makeRetry(retry)
    return { retry: retries?.stage, afterFirst: retries?.afterFirst, hedge: hedge && this.makeHedge(hedge) }
  }

  private makeRetry(options: Exclude<ResolvedRequest['retry'], false>): Retries {
    const { events, counts, around } = this
    const pace = (this.pace ??= new Pace())
    // Requests may be tried again though those of their service are not.
    const budget = (this.budget ??= new RetryBudget())
    const retries = retryOf({ ...options, budget }, { counts, pace }, around)
    retries.retry.on('retry', (event) => events.emit('retry', event))
    retries.retry.on('exhausted', (event) => events.emit('exhausted', event))
    return retries
  }

  private makeHedge(options: NonNullable<ResolvedRequest['hedge']>): Stage {
    const { budget, events } = this
    const { clock } = this.around
    const hedge = new Hedge({ ...options, budget: options.budget ?? budget, hedgeIf: mayHedge, clock })
    hedge.on('hedge', (event) => events.emit('hedge', event))
    return hedge.stage
  }
}
