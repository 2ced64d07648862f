/** What makes further attempts of a service's requests: after failed ones, and beside slow ones, out of one budget. */
import { Hedge, RetryBudget } from '@breakwater/breaker'
import type { Retry } from '@breakwater/breaker'
import type { Stage } from '@breakwater/kernel'
import { Pace } from './pace.js'
import { mayRepeat, retryOf } from './retries.js'
import type { RetryStage } from './retries.js'
import type { ResolvedService, Surroundings } from './settings.js'

export interface FurtherAttempts {
  readonly retry: Retry | undefined
  readonly hedge: Hedge | undefined
  /** To be told of good answers; absent where nobody asks how long they take. */
  readonly pace: Pace | undefined
  readonly stages: {
    readonly retry: RetryStage | undefined
    readonly afterFirst: RetryStage | undefined
    readonly hedge: Stage | undefined
  }
}

export function furtherAttempts(
  { retry, hedge: given }: ResolvedService,
  around: Surroundings,
): FurtherAttempts {
  const budget = retry === false ? undefined : (retry?.budget ?? new RetryBudget())
  const pace = new Pace()
  const retries =
    budget === undefined ? undefined : retryOf(retry === false ? {} : (retry ?? {}), budget, around, pace)
  const { clock } = around
  const hedge = given === undefined ? undefined : new Hedge({ budget, ...given, hedgeIf: mayRepeat, clock })
  return {
    retry: retries?.retry,
    hedge,
    pace: retries && pace,
    stages: { retry: retries?.stage, afterFirst: retries?.afterFirst, hedge: hedge?.stage },
  }
}
