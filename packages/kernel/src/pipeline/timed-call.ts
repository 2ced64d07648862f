/**
 * The time of one call: what limits it (the pipeline, the caller's budget, an outer stretch), from when, and who is put
 * under it. The part of {@link Invocation} that has to do with time.
 */
import type { Work } from '../call.js'
import { DeadlineExceededError } from '../errors.js'
import type { BreakwaterError } from '../errors.js'
import type { MonotonicMs } from '../clock.js'
import type { Outcome } from '../outcome.js'
import type { AnswerCall } from './answer-call.js'
import type { Attempt } from './attempt.js'
import { callerContext } from './caller-context.js'
import type { CallerContext } from './caller-context.js'
import { PENDING } from './phase.js'
import { TO_PROMISE } from './promising.js'
import type { Promising, Sink } from './promising.js'
import type { Runner } from './runner.js'
import { Ties } from './ties.js'

export abstract class TimedCall {
  // All fields of a call are here: a class that adds some to its base is dearer to make.
  /** Given to the work as its second argument; see `Runner.execute`. */
  input: unknown = undefined
  resolve: Promising['resolve'] = undefined
  reject: Promising['reject'] = undefined
  sink: Sink = TO_PROMISE
  /** The caller's async context, kept where a timer or another call may have to go on in it. */
  context: CallerContext | null = null
  protected phase: number = PENDING
  protected current: Attempt | null = null
  startedAt: number | undefined = undefined
  protected ties: Ties | null = null

  constructor(
    readonly runner: Runner,
    readonly work: Work<unknown>,
  ) {}

  abstract get isDone(): boolean

  /** Whether nobody waits for it any more. */
  get isOver(): boolean {
    return this.isDone || this.ties?.parent?.isOver === true
  }

  abstract settle(outcome: Outcome<unknown>, policy?: string): void

  /** A fallback is asked, and sees this of the call. Only what ties the call to others could end it before. */
  answersWith(call: AnswerCall): void {
    if (this.ties !== null) this.ties.answering = call
  }

  /** The caller's budget counts for the fallback too; one that is used up leaves it a turn for an answer at hand. */
  limitAnswer(): void {
    const { ties } = this
    if (ties?.budgetMs === undefined || this.isDone) return
    const { clock } = this.runner
    const { budgetMs } = ties
    const at = Math.max(clock.now(), this.beganAt() + budgetMs) as MonotonicMs
    ties.cancelTimer = clock.schedule(at, () => {
      const error = this.budgetError(budgetMs)
      this.settle({ kind: 'timeout', error })
      ties.answering?.abort(error)
    })
  }

  /** Remembers the caller's async context, unless it did so already. */
  keepContext(): void {
    this.context ??= callerContext()
  }

  /** Further attempts of outer stretches, before this call began. */
  get attemptsBefore(): number {
    const parent = this.ties?.parent
    return parent === undefined || parent === null ? 0 : parent.attempt - 1
  }

  /** The last attempt of the work, here or in an inner stretch. */
  get lastAttempt(): number {
    return Math.max(this.attemptsBefore + 1, this.ties?.lastAttempt ?? 1)
  }

  /** The work was tried again, here or in an inner stretch. */
  triedAgain(attempt: number): void {
    const ties = this.tied()
    ties.lastAttempt = attempt
    ties.parent?.triedInside(attempt)
  }

  /** Its work has answered, and so will it in a moment. */
  answers(): void {
    this.ties?.parent?.answers()
  }

  /** Attempts made beside others so far. */
  get hedges(): number {
    return this.ties === null ? 0 : this.ties.hedges
  }

  /** One more of them. */
  hedged(): void {
    this.tied().hedges++
  }

  /** The whole time allowed, in milliseconds; `Infinity` without a limit. */
  get limitMs(): number {
    const totalMs = this.runner.totalTimeout === null ? Infinity : this.runner.totalTimeout.timeoutMs
    return this.ties === null ? totalMs : Math.min(totalMs, this.ties.budgetMs ?? Infinity)
  }

  /** When the whole call must have ended; `Infinity` without a limit. */
  endsAt(): number {
    return Math.min(this.ownEndAt, this.outerEndAt)
  }

  /** When the attempt of an outer stretch ends; `Infinity` without a limit. */
  get outerEndAt(): number {
    return this.ties?.parent?.deadline ?? Infinity
  }

  /** Whether the end of the outer time surely ends it too: a call that was given may only say when that is. */
  get outerEndsIt(): boolean {
    const { ties } = this
    return ties === null || (!ties.isGiven && (ties.parent?.whole?.outerEndsIt ?? true))
  }

  /** When nobody waits for a fallback any more; `Infinity` without a limit. The pipeline's own limit is not for it. */
  answerEndsAt(): number {
    const { ties } = this
    if (ties === null) return Infinity
    const budgetEndsAt = ties.budgetMs === undefined ? Infinity : this.beganAt() + ties.budgetMs
    return Math.min(budgetEndsAt, this.outerEndAt)
  }

  /** Puts the starting attempt under the shorter of its own time and what is left of the whole. */
  watchTime(attempt: Attempt): void {
    const { runner } = this
    const { startedAt } = attempt
    const { limitMs, startedAt: beganAt = startedAt ?? 0 } = this
    const from = startedAt ?? beganAt
    // By when they end: what is left of the whole time is rounded, so equal times would not be equal.
    attempt.boundByTotal = beganAt + limitMs < from + runner.timeoutMs
    const leftMs = limitMs - (from - beganAt)
    if (attempt.boundByTotal) runner.timeline.line(Math.max(0, leftMs)).join(attempt, startedAt)
    else runner.attemptTimeout?.line(runner.timeline).join(attempt, startedAt)
  }

  /** An attempt waits in the limit's queue. */
  waitForSlot(attempt: Attempt, maxWaitMs: number, now: number): void {
    this.keepContext()
    const endsAt = this.limitMs === Infinity ? Infinity : this.endsAt()
    // By when they end: what is left of the whole time is rounded, so equal times would not be equal.
    attempt.boundByTotal = endsAt < now + maxWaitMs
    const waitMs = attempt.boundByTotal ? endsAt - now : maxWaitMs
    if (waitMs !== Infinity) this.runner.timeline.line(Math.max(0, waitMs)).join(attempt, now)
  }

  // Whose limit it was that ended the whole call.
  protected timeIsUp(): { readonly error: BreakwaterError; readonly policy: 'timeout' | 'deadline' } {
    const { totalTimeout } = this.runner
    const budgetMs = this.ties?.budgetMs ?? Infinity
    if (totalTimeout === null || budgetMs <= totalTimeout.timeoutMs) {
      return { error: this.budgetError(budgetMs), policy: 'deadline' }
    }
    totalTimeout.expired()
    return { error: totalTimeout.error(), policy: 'timeout' }
  }

  protected budgetError(budgetMs: number): DeadlineExceededError {
    return new DeadlineExceededError(`the budget of ${String(budgetMs)} ms for the whole call is used up`)
  }

  /** When its own limits end it, as they are now. */
  get ownEndAt(): number {
    const { limitMs } = this
    return limitMs === Infinity ? Infinity : this.beganAt() + limitMs
  }

  // A call whose begin nobody read stands in a line that was told the time since.
  protected beganAt(): number {
    if (this.startedAt === undefined) {
      const at = this.current?.at
      this.startedAt =
        at === undefined ? this.runner.clock.now() : at - Math.min(this.runner.timeoutMs, this.limitMs)
    }
    return this.startedAt
  }

  protected tied(): Ties {
    return (this.ties ??= new Ties())
  }
}
