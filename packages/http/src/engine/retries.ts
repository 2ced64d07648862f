/**
 * When a failed attempt is followed by another: only where that can do no harm, as far as time and budget go, and at once
 * where somebody else can be asked.
 */
import { exponential, Retry } from '@breakwater/breaker'
import type { Backoff } from '@breakwater/breaker'
import { reportInternalError } from '@breakwater/kernel'
import type { FailedAttempt, Outcome, RetryCounts, RetryPart, Stage } from '@breakwater/kernel'
import { AttemptFailedError } from './attempt-failed-error.js'
import type { Pace } from './pace.js'
import type { HttpRetryOptions } from './request-options.js'
import type { Surroundings } from './service-options.js'

/** As Envoy waits: anything up to 25 ms, then 50, …, at most 250. */
const DEFAULT_BACKOFF: Backoff = exponential({ firstMs: 25, maxMs: 250, jitter: 'full' })

/** A retry, as it takes part in pipelines. */
export interface Retries {
  readonly retry: Retry
  /** Around all attempts. */
  readonly stage: RetryStage
  /** Where the first attempt has been made and counted before. */
  readonly afterFirst: RetryStage
}

export type RetryStage = Extract<Stage, { readonly slot: 'retry' }>

/** What all retries of a service have in common. */
interface Shared {
  readonly counts: { -readonly [K in keyof RetryCounts]: RetryCounts[K] }
  /** How fast it answers. */
  readonly pace: Pace
}

/** Makes a retry of a service. */
export function retryOf(options: HttpRetryOptions, shared: Shared, { clock, random }: Surroundings): Retries {
  const { retryIf, backoff = DEFAULT_BACKOFF, ...rest } = options
  const waits = new Waits(backoff)
  // Options are copied: what the caller gave is his.
  const retry = new Retry({ ...rest, backoff: waits, clock, random })
  // A retry fills the slot of the retry, and no other.
  const inner = retry.stage.part as RetryPart
  const { describe } = retry.stage
  const stageOf = (isCounted: boolean): RetryStage => {
    const part = new SafeRetry(inner, { waits, retryIf, isCounted, shared })
    return { slot: 'retry', part, clock, describe }
  }
  return { retry, stage: stageOf(true), afterFirst: stageOf(false) }
}

/** A back-off that waits for nobody when nobody needs it. */
class Waits implements Omit<Backoff, 'kind'> {
  readonly kind: Backoff['kind']
  isImmediate = false
  private readonly backoff: Backoff

  constructor(backoff: Backoff) {
    this.kind = backoff.kind
    this.backoff = backoff
  }

  delayMs(...step: Parameters<Backoff['delayMs']>): number {
    return this.isImmediate ? 0 : this.backoff.delayMs(...step)
  }
}

interface SafeRetrySetting {
  readonly waits: Waits
  readonly retryIf: HttpRetryOptions['retryIf']
  /** Whether the budget is to hear of each call. */
  readonly isCounted: boolean
  readonly shared: Shared
}

class SafeRetry implements RetryPart {
  readonly judgesResults: boolean = false
  private readonly part: RetryPart
  private readonly waits: Waits
  private readonly retryIf: HttpRetryOptions['retryIf']
  private readonly isCounted: boolean
  private readonly shared: Shared

  constructor(part: RetryPart, { waits, retryIf, isCounted, shared }: SafeRetrySetting) {
    this.part = part
    this.waits = waits
    this.retryIf = retryIf
    this.isCounted = isCounted
    this.shared = shared
  }

  get budget(): RetryPart['budget'] {
    return this.part.budget
  }

  called(now: number): void {
    if (this.isCounted) this.part.called(now)
  }

  wants(outcome: Outcome<unknown>): boolean {
    return outcome.kind === 'failure' && mayRepeat(outcome.error) && this.isWanted(outcome.error)
  }

  delayMs(failed: FailedAttempt, now: number): number | undefined {
    const { outcome, remainingMs } = failed
    const error = outcome.kind === 'success' ? undefined : outcome.error
    if (!mayRepeat(error)) return undefined
    this.waits.isImmediate = error.isImmediate
    // After the wait there has to be time for an answer, too.
    const leftMs = Math.min(remainingMs, error.deadline - now) - this.shared.pace.typicalMs(now)
    const delayMs = this.part.delayMs({ ...failed, remainingMs: leftMs }, now)
    if (delayMs !== undefined) this.shared.counts.attempts++
    return delayMs
  }

  ended(recovered: boolean, gaveUp: boolean): void {
    this.part.ended(recovered, gaveUp)
    this.shared.counts[gaveUp ? 'exhausted' : recovered ? 'success' : 'failure']++
  }

  private isWanted(error: AttemptFailedError): boolean {
    try {
      return this.retryIf === undefined || this.retryIf(error) === true
    } catch (thrown) {
      reportInternalError(thrown, 'retryIf')
      return false
    }
  }
}

/** Whether another attempt may begin at once, beside those that run: who was asked to wait leaves it to the retries, which do. */
export function mayHedge(error: unknown): boolean {
  return mayRepeat(error) && (error.retryAfterMs ?? 0) === 0
}

/** Whether an attempt failed, and another can do no harm. */
export function mayRepeat(error: unknown): error is AttemptFailedError {
  return error instanceof AttemptFailedError && error.mayRetry
}
