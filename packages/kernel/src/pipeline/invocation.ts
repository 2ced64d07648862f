/**
 * One call as its caller sees it: it owns the promise, the caller's signal and budget, the waits between attempts and
 * the fallback, and settles exactly once.
 */
import { AsyncResource } from 'node:async_hooks'
import type { CallOptions, Work } from '../call.js'
import type { Cancel, MonotonicMs } from '../clock.js'
import { BulkheadFullError, DeadlineExceededError, FallbackFailedError } from '../errors.js'
import type { BreakwaterError } from '../errors.js'
import type { FallbackCause, Outcome, OutcomeKind } from '../outcome.js'
import { Attempt } from './attempt.js'
import type { Runner } from './runner.js'
import type { RetryPart } from './stage.js'
import { adopt } from './work.js'

/** Where the end of a call goes. */
export const TO_PROMISE = 0
export const TO_OUTCOME = 1
export const TO_PARENT = 2
export type Sink = typeof TO_PROMISE | typeof TO_OUTCOME | typeof TO_PARENT

type Failed = Exclude<Outcome<unknown>, { kind: 'success' }>

export class Invocation {
  /** The caller's async context, kept where a timer or another call may have to go on in it. */
  context: AsyncResource | null = null
  /** The attempt of an outer stretch whose work this is. */
  parent: Attempt | null = null
  private current: Attempt | null = null
  private isDone = false
  /** The work's end is counted; only a fallback may be running. */
  private isConcluded = false
  /** Attempts that nobody waits for any more, and whose work still runs. */
  private abandoned = 0
  private startedAt: number | undefined = undefined
  /** The whole time allowed, when there is such a limit. */
  private limitMs: number | undefined = undefined
  private limitIsBudget = false
  private previousDelayMs: number | undefined = undefined
  private cancelTimer: Cancel | undefined = undefined
  private signal: AbortSignal | undefined = undefined
  private onAbort: (() => void) | undefined = undefined

  constructor(
    readonly runner: Runner,
    readonly work: Work<unknown>,
    private readonly sink: Sink,
    private readonly resolve: (value: unknown) => void,
    private readonly reject: (error: unknown) => void,
  ) {}

  /** Begins; `now` is absent when the clock was not read. */
  start(now: number | undefined, options: CallOptions | undefined): void {
    const { runner } = this
    this.startedAt = now
    this.limitMs = runner.totalTimeout?.timeoutMs
    runner.meter?.started()
    if (options !== undefined && !this.accept(options)) return
    if (runner.carriesContext) this.keepContext()
    runner.retry?.called(now ?? runner.lastRead)
    this.begin(1, now)
  }

  /** Remembers the caller's async context, unless it did so already. */
  keepContext(): void {
    this.context ??= new AsyncResource('BreakwaterCall')
  }

  /** When the whole call must have ended; `Infinity` without a limit. */
  endsAt(): number {
    const own =
      this.limitMs === undefined ? Infinity : (this.startedAt ??= this.runner.clock.now()) + this.limitMs
    return Math.min(own, this.parent?.deadline ?? Infinity)
  }

  /** Puts the starting attempt under the shorter of its own time and what is left of the whole. */
  watchTime(attempt: Attempt): void {
    const { runner, limitMs } = this
    if (limitMs !== undefined) {
      const { startedAt } = attempt
      const leftMs =
        startedAt === undefined || this.startedAt === undefined
          ? limitMs
          : this.startedAt + limitMs - startedAt
      if (leftMs < runner.timeoutMs) {
        attempt.boundByTotal = true
        runner.timeline.line(Math.max(0, leftMs)).link(attempt, startedAt)
        return
      }
    }
    runner.attemptTimeout?.line(runner.timeline).link(attempt, attempt.startedAt)
  }

  /** An attempt waits in the limit's queue. */
  waitForSlot(attempt: Attempt, maxWaitMs: number, now: number): void {
    this.keepContext()
    const leftMs = this.limitMs === undefined ? Infinity : this.endsAt() - now
    attempt.boundByTotal = leftMs < maxWaitMs
    const waitMs = Math.min(leftMs, maxWaitMs)
    if (waitMs !== Infinity) this.runner.timeline.line(Math.max(0, waitMs)).link(attempt, now)
  }

  /** An attempt is over: answers, tries again, or concludes. */
  attemptEnded(
    attempt: Attempt,
    outcome: Outcome<unknown>,
    policy: string | undefined,
    durationMs: number | undefined,
  ): void {
    const { retry, meter } = this.runner
    const succeeded = outcome.kind === 'success'
    if (retry !== null && outcome.kind !== 'cancelled' && (!succeeded || retry.judgesResults)) {
      if (this.triesAgain(retry, attempt, outcome)) return
    }
    if (retry !== null && attempt.attempt > 1) retry.ended(succeeded)
    if (!succeeded) {
      this.conclude(outcome, policy, durationMs, attempt)
      return
    }
    if (meter !== null) {
      if (durationMs === undefined) meter.succeeded()
      else meter.ended(outcome, undefined, durationMs)
    }
    this.settle(outcome)
  }

  /** The whole time is over. */
  overTime(): void {
    if (this.isDone) return
    const error = this.overTimeError()
    const attempt = this.current
    attempt?.leave('timeout', error)
    this.conclude({ kind: 'timeout', error }, 'deadline', undefined, attempt)
    attempt?.abortSignal('timeout', error)
  }

  /** Ends without an answer: the outer attempt that waited for it has ended before. */
  drop(kind: 'timeout' | 'cancelled', error: unknown): void {
    if (this.isDone) return
    const attempt = this.current
    this.finish()
    attempt?.leave(kind, error)
    this.countEnd({ kind, error })
    attempt?.abortSignal(kind, error)
    if (this.abandoned === 0) this.parent?.cameLate(kind)
  }

  /** An attempt ended for the caller while its work still runs. */
  abandonedOne(): void {
    this.abandoned++
  }

  /** Such work has ended; after the last of it, so has that of the outer attempt. */
  lateEnd(kind: OutcomeKind): void {
    this.abandoned--
    if (this.abandoned === 0 && this.isDone) this.parent?.cameLate(kind)
  }

  // The options of one call: a signal that is aborted, or a budget that is used up, and nothing starts.
  private accept(options: CallOptions): boolean {
    const { signal, budgetMs } = options
    if (signal !== undefined) {
      if (signal.aborted) {
        this.concludeUnstarted({ kind: 'cancelled', error: signal.reason })
        return false
      }
      this.signal = signal
      this.onAbort = () => this.abortedByCaller()
      signal.addEventListener('abort', this.onAbort)
    }
    if (budgetMs !== undefined && budgetMs < (this.limitMs ?? Infinity)) {
      this.limitMs = budgetMs
      this.limitIsBudget = true
      this.keepContext()
    }
    if ((this.limitMs ?? 1) > 0 && this.endsAt() > (this.startedAt ?? 0)) return true
    this.concludeUnstarted({ kind: 'timeout', error: this.overTimeError() })
    return false
  }

  private concludeUnstarted(outcome: Failed): void {
    this.conclude(outcome, outcome.kind === 'timeout' ? 'deadline' : undefined, undefined, null)
  }

  private begin(attempt: number, now: number | undefined): void {
    this.current = new Attempt(this, attempt, now)
    this.current.begin()
  }

  private triesAgain(retry: RetryPart, attempt: Attempt, outcome: Outcome<unknown>): boolean {
    const now = this.runner.clock.now()
    this.startedAt ??= attempt.at === undefined ? now : attempt.at - this.firstLimitMs()
    const { previousDelayMs } = this
    const remainingMs = this.endsAt() - now
    const delayMs = retry.delayMs({ outcome, attempt: attempt.attempt, previousDelayMs, remainingMs }, now)
    if (delayMs !== undefined) this.sleep(delayMs, attempt.attempt + 1, now)
    return delayMs !== undefined
  }

  private sleep(delayMs: number, nextAttempt: number, now: number): void {
    this.keepContext()
    this.previousDelayMs = delayMs
    this.current = null
    const wake = (): void => {
      if (this.isDone) return
      this.cancelTimer = undefined
      const woken = this.runner.clock.now()
      if (this.endsAt() <= woken) this.overTime()
      else this.context?.runInAsyncScope(this.begin, this, nextAttempt, woken)
    }
    if (delayMs === 0) queueMicrotask(wake)
    else this.cancelTimer = this.runner.clock.schedule((now + delayMs) as MonotonicMs, wake)
  }

  private conclude(
    outcome: Failed,
    policy: string | undefined,
    durationMs: number | undefined,
    attempt: Attempt | null,
  ): void {
    const { meter, fallback } = this.runner
    this.countEnd(outcome, policy, durationMs)
    const cause: FallbackCause = { ...outcome, policy, attempt: attempt?.attempt ?? 1 }
    if (fallback === null || outcome.kind === 'cancelled' || !fallback.applies(cause)) {
      if (fallback === null && outcome.kind !== 'cancelled') meter?.answered('missing')
      this.settle(outcome, policy)
      return
    }
    this.current = null
    const call = attempt ?? new Attempt(this, 1, undefined)
    if (this.context === null) this.answer(cause, call)
    else this.context.runInAsyncScope(this.answer, this, cause, call)
  }

  private answer(cause: FallbackCause, call: Attempt): void {
    const failed = (error: unknown): void => this.answerFailed(cause, error)
    const answered = (value: unknown): void => {
      if (this.isDone) return
      this.runner.meter?.answered('success')
      this.settle({ kind: 'success', value })
    }
    let value: unknown
    let promise: Promise<unknown> | undefined
    try {
      value = this.runner.fallback?.answer(cause, call)
      promise = adopt(value)
    } catch (error) {
      failed(error)
      return
    }
    if (promise === undefined) {
      answered(value)
      return
    }
    promise.then(answered, failed)
    if (this.limitIsBudget && !this.isDone) this.boundAnswer()
  }

  private answerFailed(cause: FallbackCause, error: unknown): void {
    if (this.isDone) return
    this.runner.meter?.answered(isRefusedFallback(error) ? 'rejected' : 'failure')
    this.settle({ kind: cause.kind, error }, cause.policy)
  }

  // The caller's budget counts for the fallback too; one that is used up leaves it a turn for an answer at hand.
  private boundAnswer(): void {
    const { clock } = this.runner
    const over = (): void => this.settle({ kind: 'timeout', error: this.overTimeError() }, 'deadline')
    this.cancelTimer = clock.schedule(Math.max(clock.now(), this.endsAt()) as MonotonicMs, over)
  }

  private abortedByCaller(): void {
    if (this.isDone) return
    const reason: unknown = this.signal?.reason
    const attempt = this.current
    attempt?.leave('cancelled', reason)
    this.countEnd({ kind: 'cancelled', error: reason })
    this.settle({ kind: 'cancelled', error: reason })
    attempt?.abortSignal('cancelled', reason)
  }

  private countEnd(outcome: Failed, policy?: string, durationMs?: number): void {
    if (!this.isConcluded) this.runner.meter?.ended(outcome, policy, durationMs)
    this.isConcluded = true
  }

  private overTimeError(): BreakwaterError {
    const { totalTimeout } = this.runner
    if (totalTimeout !== null && !this.limitIsBudget) {
      totalTimeout.expired()
      return totalTimeout.error()
    }
    return new DeadlineExceededError(
      `the budget of ${String(this.limitMs ?? 0)} ms for the whole call is used up`,
    )
  }

  private firstLimitMs(): number {
    return Math.min(this.runner.timeoutMs, this.limitMs ?? Infinity)
  }

  private settle(outcome: Outcome<unknown>, policy?: string): void {
    if (this.isDone) return
    const { parent } = this
    this.finish()
    if (this.sink === TO_PARENT) parent?.ended(outcome, policy, this.abandoned > 0)
    else if (this.sink === TO_OUTCOME) this.resolve(outcome)
    else if (outcome.kind === 'success') this.resolve(outcome.value)
    else this.reject(outcome.error)
  }

  private finish(): void {
    this.isDone = true
    this.current = null
    this.cancelTimer?.()
    if (this.parent !== null) this.parent.child = null
    if (this.onAbort !== undefined) this.signal?.removeEventListener('abort', this.onAbort)
  }
}

/** Whether a fallback was not asked because too many run already. */
export function isRefusedFallback(error: unknown): boolean {
  return error instanceof FallbackFailedError && error.fallbackError instanceof BulkheadFullError
}
