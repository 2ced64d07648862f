/**
 * Tries again: only what can be expected to go better, after a wait, within the time of the call and within a budget.
 */
import { Emitter, PolicyBase, reportInternalError } from '@breakwater/kernel'
import type { FailedAttempt, MonotonicMs, Outcome, RetryCounts, RetryPart, Stage } from '@breakwater/kernel'
import { describedRules } from '../common-options.js'
import { isFinal } from './final.js'
import { resolveRetryOptions } from './retry-options.js'
import type { ResolvedRetry, RetryOptions } from './retry-options.js'

/** What a retry tells its listeners. */
export interface RetryEvents {
  /** Another attempt follows after `delayMs`. */
  retry: {
    readonly attempt: number
    readonly delayMs: number
    readonly outcome: Outcome<unknown>
    readonly at: MonotonicMs
  }
  /** No further attempt, though the failure was one to retry. */
  exhausted: {
    readonly attempts: number
    readonly reason: 'attempts' | 'budget' | 'time'
    readonly outcome: Outcome<unknown>
  }
}

class Attempts implements RetryPart {
  events: Emitter<RetryEvents> | null = null
  readonly counts: { -readonly [K in keyof RetryCounts]: RetryCounts[K] } = {
    attempts: 0,
    success: 0,
    failure: 0,
    exhausted: 0,
  }

  constructor(public options: ResolvedRetry) {}

  get budget(): RetryPart['budget'] {
    return this.options.budget
  }

  get judgesResults(): boolean {
    return this.options.retryOnResult !== undefined
  }

  called(now: number): void {
    this.options.budget?.called(now)
  }

  wants(outcome: Outcome<unknown>, attempt: number): boolean {
    const { retryIf, retryOnResult } = this.options
    const { kind } = outcome
    if (kind === 'cancelled' || kind === 'ignored') return false
    try {
      if (kind === 'success')
        return retryOnResult !== undefined && retryOnResult(outcome.value, attempt) === true
      if (retryIf !== undefined) return retryIf(outcome.error, { kind, attempt }) === true
    } catch (error) {
      reportInternalError(error, kind === 'success' ? 'retryOnResult' : 'retryIf')
      return false
    }
    return kind !== 'rejected' && !isFinal(outcome.error)
  }

  delayMs(failed: FailedAttempt, now: number): number | undefined {
    const { maxRetries, budget } = this.options
    if (failed.attempt > maxRetries) return this.giveUp('attempts', failed)
    const delayMs = this.waitFor(failed)
    // By when they end: what is left of the call's time is rounded, so equal times would not be equal.
    if (delayMs === undefined || now + delayMs >= now + failed.remainingMs) return this.giveUp('time', failed)
    if (budget !== undefined && !budget.trySpend(now)) return this.giveUp('budget', failed)
    this.counts.attempts++
    const { outcome, attempt } = failed
    this.events?.emit('retry', { attempt: attempt + 1, delayMs, outcome, at: now })
    return delayMs
  }

  ended(recovered: boolean, gaveUp: boolean): void {
    this.counts[gaveUp ? 'exhausted' : recovered ? 'success' : 'failure']++
  }

  private giveUp(reason: 'attempts' | 'budget' | 'time', { outcome, attempt }: FailedAttempt): undefined {
    this.events?.emit('exhausted', { attempts: attempt, reason, outcome })
    return undefined
  }

  // The back-off's delay or the one that the error asks for, whichever is longer; one that is none never comes.
  private waitFor(failed: FailedAttempt): number | undefined {
    const { retryAfter, maxRetryAfterMs } = this.options
    const { outcome } = failed
    const delayMs = this.backOff(failed)
    const askedMs = retryAfter && outcome.kind !== 'success' ? retryAfterOf(outcome.error) : 0
    return askedMs > maxRetryAfterMs ? undefined : Math.max(delayMs, askedMs)
  }

  // A back-off may be the user's own. What is no number is no delay of 0 either: that would be a hail of attempts.
  private backOff({ attempt, previousDelayMs, outcome }: FailedAttempt): number {
    const { backoff, random } = this.options
    try {
      const delayMs = Math.max(0, backoff.delayMs(attempt, random, previousDelayMs, outcome))
      if (Number.isNaN(delayMs)) throw new RangeError('a back-off must answer milliseconds')
      return delayMs
    } catch (error) {
      reportInternalError(error, 'backoff')
      return Infinity
    }
  }
}

/**
 * A retry. Failures and timeouts are tried again; rejections of ours (open circuit, full bulkhead), cancelled calls and
 * ignored errors are not, unless `retryIf` says so. The last error passes through unchanged. A wait that does not fit
 * into what is left of the call's time is not begun, and the caller's abort ends it at once.
 *
 * Only retry what may run twice: the library cannot know which of your calls are idempotent.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { constant, Retry } from '@breakwater/breaker'
 *
 * const retry = new Retry({ maxRetries: 3, backoff: constant({ ms: 1 }) })
 * const answer = await retry.execute(({ attempt }) => {
 *   if (attempt < 3) throw new Error('not yet')
 *   return `attempt ${attempt}`
 * })
 * console.log(answer) // attempt 3
 * ```
 */
export class Retry extends PolicyBase {
  private readonly attempts: Attempts
  /** @internal */
  override readonly stage: Stage

  constructor(options: RetryOptions = {}) {
    super()
    const resolved = resolveRetryOptions(options)
    const { name, clock } = resolved
    this.attempts = new Attempts(resolved)
    const describe: Stage['describe'] = () => ({ kind: 'retry', name, options: describedRules(resolved) })
    this.stage = { slot: 'retry', part: this.attempts, clock, describe }
  }

  /** How the further attempts so far ended up. */
  get counts(): RetryCounts {
    return { ...this.attempts.counts }
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof RetryEvents>(event: E, listener: (payload: RetryEvents[E]) => void): () => void {
    this.attempts.events ??= new Emitter('Retry')
    return this.attempts.events.on(event, listener)
  }
}

// A foreign error: reading it may do anything.
function retryAfterOf(error: unknown): number {
  try {
    const asked: unknown = (error as { retryAfterMs?: unknown } | null | undefined)?.retryAfterMs
    return typeof asked === 'number' && asked > 0 ? asked : 0
  } catch (thrown) {
    reportInternalError(thrown, 'error.retryAfterMs')
    return 0
  }
}
