/**
 * One call as its caller sees it: it owns the promise, the whole call's time, the waits between attempts and the
 * fallback, and settles exactly once.
 */
import { AsyncResource } from 'node:async_hooks'
import type { CallOptions, Work } from '../call.js'
import type { MonotonicMs } from '../clock.js'
import { DeadlineExceededError } from '../errors.js'
import type { BreakwaterError } from '../errors.js'
import type { Outcome, OutcomeKind } from '../outcome.js'
import type { AnswerCall } from './answer-call.js'
import { askFallback } from './answering.js'
import { Attempt } from './attempt.js'
import type { Runner } from './runner.js'
import type { RetryPart } from './stage.js'
import { Ties } from './ties.js'

/** Where the end of a call goes. */
export const TO_PROMISE = 0
export const TO_OUTCOME = 1
export const TO_PARENT = 2

/** What a call needs besides its runner. */
export interface CallRequest {
  readonly work: Work<unknown>
  /** Given to the work as its second argument; see `Runner.execute`. */
  readonly input: unknown
}

/** Any end but a success. */
export type FailedOutcome = Exclude<Outcome<unknown>, { kind: 'success' }>

const PENDING = 0
/** The work's end is counted; only a fallback may be running. */
const CONCLUDED = 1
const DONE = 2

export class Invocation {
  input: unknown = undefined
  sink: typeof TO_PROMISE | typeof TO_OUTCOME | typeof TO_PARENT = TO_PROMISE
  /** The caller's async context, kept where a timer or another call may have to go on in it. */
  context: AsyncResource | null = null
  private current: Attempt | null = null
  private startedAt: number | undefined = undefined
  private phase = PENDING
  private ties: Ties | null = null

  constructor(
    readonly runner: Runner,
    readonly work: Work<unknown>,
    private readonly resolve: ((value: unknown) => void) | undefined,
    private readonly reject: ((error: unknown) => void) | undefined,
  ) {}

  /** Begins; `now` is absent when the clock was not read. */
  start(now: number | undefined): void {
    const { runner } = this
    const { meter, retry } = runner
    this.startedAt = now
    if (meter !== null) meter.started()
    if (runner.carriesContext) this.keepContext()
    if (retry !== null) retry.called(now ?? runner.lastRead)
    this.begin(1, now)
  }

  /** Begins on the caller's terms, unless these leave no time: then nothing starts. */
  startWith(options: CallOptions, now: number): void {
    const { signal, budgetMs } = options
    this.startedAt = now
    if (budgetMs !== undefined && budgetMs !== Infinity) {
      this.tied().budgetMs = budgetMs
      this.keepContext()
    }
    const refused = this.refusedByCaller(signal, budgetMs)
    if (refused === undefined) {
      if (signal === undefined || this.listensTo(signal)) this.start(now)
    } else {
      this.runner.meter?.started()
      this.conclude(refused, refused.kind === 'timeout' ? 'deadline' : undefined, undefined, null)
    }
  }

  /** Begins as the work of an outer stretch's attempt. */
  startInside(parent: Attempt, now: number): void {
    this.sink = TO_PARENT
    this.tied().parent = parent
    parent.child = this
    this.start(now)
  }

  /** Remembers the caller's async context, unless it did so already. */
  keepContext(): void {
    this.context ??= new AsyncResource('BreakwaterCall')
  }

  /** Further attempts of outer stretches, before this call began. */
  get attemptsBefore(): number {
    const parent = this.ties?.parent
    return parent === undefined || parent === null ? 0 : parent.attempt - 1
  }

  get isDone(): boolean {
    return this.phase === DONE
  }

  /** Whether anything may limit the whole call. */
  get hasTotalLimit(): boolean {
    return this.ties !== null || this.runner.totalTimeout !== null
  }

  /** The whole time allowed, in milliseconds; `Infinity` without a limit. */
  get limitMs(): number {
    const totalMs = this.runner.totalTimeout === null ? Infinity : this.runner.totalTimeout.timeoutMs
    return this.ties === null ? totalMs : Math.min(totalMs, this.ties.budgetMs ?? Infinity)
  }

  /** When the whole call must have ended; `Infinity` without a limit. */
  endsAt(): number {
    return Math.min(this.ownEndAt(), this.ties?.parent?.deadline ?? Infinity)
  }

  /** When nobody waits for a fallback any more; `Infinity` without a limit. The pipeline's own limit is not for it. */
  answerEndsAt(): number {
    const { ties } = this
    if (ties === null) return Infinity
    const budgetEndsAt = ties.budgetMs === undefined ? Infinity : this.beganAt() + ties.budgetMs
    return Math.min(budgetEndsAt, ties.parent?.deadline ?? Infinity)
  }

  /** A fallback is asked, and sees this of the call. */
  answersWith(call: AnswerCall): void {
    this.tied().answering = call
  }

  /** The caller's budget counts for the fallback too; one that is used up leaves it a turn for an answer at hand. */
  limitAnswer(): void {
    const { ties } = this
    if (ties?.budgetMs === undefined || this.phase === DONE) return
    const { clock } = this.runner
    const { budgetMs } = ties
    const at = Math.max(clock.now(), this.beganAt() + budgetMs) as MonotonicMs
    ties.cancelTimer = clock.schedule(at, () => {
      const error = this.budgetError(budgetMs)
      this.settle({ kind: 'timeout', error }, 'deadline')
      ties.answering?.abort(error)
    })
  }

  /** Puts the starting attempt under the shorter of its own time and what is left of the whole. */
  watchTime(attempt: Attempt): void {
    const { runner, limitMs } = this
    const { attemptTimeout, timeline } = runner
    if (limitMs !== Infinity) {
      const { startedAt } = attempt
      const spentMs = startedAt === undefined || this.startedAt === undefined ? 0 : startedAt - this.startedAt
      if (limitMs - spentMs < runner.timeoutMs) {
        attempt.boundByTotal = true
        timeline.line(Math.max(0, limitMs - spentMs)).link(attempt, startedAt)
        return
      }
    }
    if (attemptTimeout !== null) attemptTimeout.line(timeline).link(attempt, attempt.startedAt)
  }

  /** An attempt waits in the limit's queue. */
  waitForSlot(attempt: Attempt, maxWaitMs: number, now: number): void {
    this.keepContext()
    const leftMs = this.limitMs === Infinity ? Infinity : this.endsAt() - now
    attempt.boundByTotal = leftMs < maxWaitMs
    const waitMs = Math.min(leftMs, maxWaitMs)
    if (waitMs !== Infinity) this.runner.timeline.line(Math.max(0, waitMs)).link(attempt, now)
  }

  /** An attempt succeeded, and nobody measured its time. */
  succeeded(attempt: Attempt, value: unknown): void {
    if (this.phase !== PENDING) return
    const { retry, meter } = this.runner
    if (retry !== null && (retry.judgesResults || attempt.number > 1)) {
      this.attemptEnded(attempt, { kind: 'success', value }, undefined, undefined)
      return
    }
    if (meter !== null) meter.succeeded()
    if (this.sink !== TO_PROMISE || this.ties !== null) {
      this.settle({ kind: 'success', value })
      return
    }
    this.phase = DONE
    this.current = null
    this.resolve?.(value)
  }

  /** An attempt is over: answers, tries again, or concludes. */
  attemptEnded(
    attempt: Attempt,
    outcome: Outcome<unknown>,
    policy: string | undefined,
    durationMs: number | undefined,
  ): void {
    // Whoever was told of the end before may have aborted the call.
    if (this.phase !== PENDING) return
    const { retry, meter } = this.runner
    const succeeded = outcome.kind === 'success'
    if (retry !== null && outcome.kind !== 'cancelled' && (!succeeded || retry.judgesResults)) {
      if (this.triesAgain(retry, attempt, outcome)) return
    }
    if (retry !== null && attempt.number > 1) retry.ended(succeeded)
    if (succeeded) {
      meter?.ended(outcome, undefined, durationMs)
      this.settle(outcome)
    } else {
      this.conclude(outcome, policy, durationMs, attempt)
    }
  }

  /** The whole time is over. */
  overTime(): void {
    if (this.phase !== PENDING) return
    const error = this.overTimeError()
    const attempt = this.current
    attempt?.leave('timeout', error)
    this.retriesFailed(attempt)
    this.conclude({ kind: 'timeout', error }, 'deadline', undefined, attempt)
    attempt?.abortSignal('timeout', error)
  }

  /** Ends without an answer: the outer attempt that waited for it has ended before. */
  drop(kind: 'timeout' | 'cancelled', error: unknown): void {
    if (this.phase === DONE) return
    const attempt = this.current
    attempt?.leave(kind, error)
    if (kind === 'timeout' && this.phase === PENDING) this.retriesFailed(attempt)
    this.countEnd({ kind, error })
    this.finish()
    attempt?.abortSignal(kind, error)
    this.ties?.answering?.abort(error)
    if ((this.ties?.abandoned ?? 0) === 0) this.ties?.parent?.cameLate(kind)
  }

  /** An attempt ended for the caller while its work still runs. */
  abandonedOne(): void {
    this.tied().abandoned++
  }

  /** Such work has ended; after the last of it, so has that of the outer attempt. */
  lateEnd(kind: OutcomeKind): void {
    const ties = this.tied()
    ties.abandoned--
    if (ties.abandoned === 0 && this.phase === DONE) ties.parent?.cameLate(kind)
  }

  /** Settles, unless it has. */
  settle(outcome: Outcome<unknown>, policy?: string): void {
    if (this.phase === DONE) return
    if (outcome.kind !== 'success' && outcome.kind !== 'cancelled') this.runner.meter?.threw()
    const { ties } = this
    this.finish()
    if (this.sink === TO_PARENT) ties?.parent?.ended(outcome, policy, ties.abandoned > 0)
    else if (this.sink === TO_OUTCOME) this.resolve?.(outcome)
    else if (outcome.kind === 'success') this.resolve?.(outcome.value)
    else this.reject?.(outcome.error)
  }

  private overTimeError(): BreakwaterError {
    const { totalTimeout } = this.runner
    const budgetMs = this.ties?.budgetMs ?? Infinity
    if (totalTimeout === null || budgetMs <= totalTimeout.timeoutMs) return this.budgetError(budgetMs)
    totalTimeout.expired()
    return totalTimeout.error()
  }

  private begin(attempt: number, now: number | undefined): void {
    const current = new Attempt(this, attempt, now)
    this.current = current
    current.begin()
  }

  private refusedByCaller(
    signal: AbortSignal | undefined,
    budgetMs: number | undefined,
  ): FailedOutcome | undefined {
    if (signal?.aborted === true) return { kind: 'cancelled', error: signal.reason }
    return budgetMs !== undefined && budgetMs <= 0
      ? { kind: 'timeout', error: this.overTimeError() }
      : undefined
  }

  private triesAgain(retry: RetryPart, attempt: Attempt, outcome: Outcome<unknown>): boolean {
    if (!retry.wants(outcome, attempt.number)) return this.phase !== PENDING
    const now = this.runner.clock.now()
    const previousDelayMs = this.ties?.previousDelayMs
    const remainingMs = this.endsAt() - now
    const delayMs = retry.delayMs({ outcome, attempt: attempt.number, previousDelayMs, remainingMs }, now)
    // What it asked and told was foreign code, which may have aborted the call.
    if (delayMs !== undefined && this.phase === PENDING) this.sleep(delayMs, attempt.number + 1, now)
    return delayMs !== undefined || this.phase !== PENDING
  }

  // The time is over during a further attempt, or while waiting for one.
  private retriesFailed(attempt: Attempt | null): void {
    const { retry } = this.runner
    if (retry !== null && (attempt === null || attempt.number > 1)) retry.ended(false)
  }

  private sleep(delayMs: number, nextAttempt: number, now: number): void {
    this.keepContext()
    this.current = null
    const ties = this.tied()
    ties.previousDelayMs = delayMs
    const wake = (): void => {
      if (this.phase !== PENDING) return
      ties.cancelTimer = undefined
      const woken = this.runner.clock.now()
      if (this.ownEndAt() <= woken) this.context?.runInAsyncScope(this.overTime, this)
      // When the time of an outer attempt is over, that one ends this call.
      else if (this.endsAt() > woken) this.context?.runInAsyncScope(this.begin, this, nextAttempt, woken)
    }
    if (delayMs === 0) queueMicrotask(wake)
    else ties.cancelTimer = this.runner.clock.schedule((now + delayMs) as MonotonicMs, wake)
  }

  private conclude(
    outcome: FailedOutcome,
    policy: string | undefined,
    durationMs: number | undefined,
    attempt: Attempt | null,
  ): void {
    if (this.phase !== PENDING) return
    this.countEnd(outcome, policy, durationMs)
    this.current = null
    const { fallback } = this.runner
    if (outcome.kind !== 'cancelled' && fallback !== null)
      askFallback(this, fallback, { ...outcome, policy, attempt })
    else {
      if (fallback === null && outcome.kind !== 'cancelled') this.runner.meter?.answered('missing')
      this.settle(outcome, policy)
    }
  }

  private abortedByCaller(): void {
    if (this.phase === DONE) return
    const error = this.ties?.abortReason
    const attempt = this.current
    attempt?.leave('cancelled', error)
    this.countEnd({ kind: 'cancelled', error })
    this.settle({ kind: 'cancelled', error })
    attempt?.abortSignal('cancelled', error)
    this.ties?.answering?.abort(error)
  }

  private countEnd(outcome: FailedOutcome, policy?: string, durationMs?: number): void {
    if (this.phase !== PENDING) return
    this.phase = CONCLUDED
    this.runner.meter?.ended(outcome, policy, durationMs)
  }

  private budgetError(budgetMs: number): DeadlineExceededError {
    return new DeadlineExceededError(`the budget of ${String(budgetMs)} ms for the whole call is used up`)
  }

  private listensTo(signal: AbortSignal): boolean {
    try {
      this.tied().listen(signal, () => this.abortedByCaller())
      return true
    } catch (error) {
      this.settle({ kind: 'failure', error })
      return false
    }
  }

  private ownEndAt(): number {
    const { limitMs } = this
    return limitMs === Infinity ? Infinity : this.beganAt() + limitMs
  }

  // A call whose begin nobody read stands in a line that was told the time since.
  private beganAt(): number {
    if (this.startedAt === undefined) {
      const at = this.current?.at
      this.startedAt =
        at === undefined ? this.runner.clock.now() : at - Math.min(this.runner.timeoutMs, this.limitMs)
    }
    return this.startedAt
  }

  private tied(): Ties {
    return (this.ties ??= new Ties())
  }

  private finish(): void {
    this.phase = DONE
    this.current = null
    this.ties?.loosen()
  }
}
