/**
 * One call as its caller sees it: it owns the promise, the whole call's time, the waits between attempts and the
 * fallback, and settles exactly once.
 */
import type { CallOptions } from '../call.js'
import type { FailedOutcome, Outcome, OutcomeKind } from '../outcome.js'
import { abandon } from './abandoning.js'
import { Attempt } from './attempt.js'
import { ranMs } from './attempt-time.js'
import { conclude } from './exit.js'
import type { Ending } from './exit.js'
import type { Around, Inner, Outer } from './inside.js'
import { CONCLUDED, DONE, PENDING } from './phase.js'
import { TO_END, TO_OUTCOME, TO_PARENT } from './promising.js'
import type { Promising } from './promising.js'
import { enter } from './entry.js'
import { RetriedCall } from './retried-call.js'

export class Invocation extends RetriedCall implements Promising, Ending, Inner {
  get invocation(): this {
    return this
  }

  /** Goes on with what began as an attempt alone. */
  takeOver(first: Attempt): void {
    this.resolve = first.resolve
    this.reject = first.reject
    this.input = first.input
    this.startedAt = first.startedAt
    this.context = first.context
    this.current = first
  }

  /** Begins; `now` is absent when the clock was not read. */
  start(now: number | undefined): void {
    this.startedAt = now
    this.runner.began(this)
    this.begin(1, now)
  }

  /** Begins on the caller's terms, unless these leave no time: then nothing starts. */
  startWith(options: CallOptions, now: number): void {
    const { signal, budgetMs = Infinity } = options
    this.startedAt = now
    if (budgetMs !== Infinity) {
      this.tied().budgetMs = budgetMs
      this.keepContext()
    }
    const refused = this.refusedByCaller(signal, budgetMs)
    if (refused === undefined) {
      if (signal === undefined || this.listensTo(signal)) this.start(now)
    } else {
      this.runner.meter?.started()
      conclude(this, refused, refused.kind === 'timeout' ? 'deadline' : undefined, undefined)
    }
  }

  /** Begins inside of a call that `signal` ends. */
  startWithin(around: Around, signal: AbortSignal, now: number): void {
    const ties = this.tied()
    ties.parent = around
    ties.isGiven = true
    this.startWith({ signal }, now)
  }

  /** Begins as the work of an outer stretch's attempt. */
  startInside(parent: Outer, now: number): void {
    this.sink = TO_PARENT
    this.tied().parent = parent
    parent.child = this
    this.start(now)
  }

  /** Whether no work was started for it so far. */
  get neverRan(): boolean {
    const { current } = this
    const { turn, neverBegan } = this.tied()
    if (current === null) return neverBegan || turn === 'awaited'
    return this.onlyWaits(current.number) && current.neverRan
  }

  /** Its time is over, or that of the attempt, whose work was never begun. */
  neverBegan(attempt: number): void {
    if (this.ties !== null && this.onlyWaits(attempt)) this.ties.neverBegan = true
  }

  private onlyWaits(attempt: number): boolean {
    return attempt === 1 || this.tied().onlyWaited
  }

  get isPending(): boolean {
    return this.phase === PENDING
  }

  get isDone(): boolean {
    return this.phase === DONE
  }

  /** The whole time is over. */
  overTime(): void {
    if (this.phase !== PENDING) return
    const { error, policy } = this.timeIsUp()
    if (this.neverRan) this.neverBegan(1)
    const attempt = this.current
    const durationMs = attempt === null ? undefined : ranMs(attempt, this.runner.clock.now())
    if (attempt !== null) abandon(attempt, 'timeout', error)
    this.retriesFailed()
    conclude(this, { kind: 'timeout', error }, policy, durationMs)
    attempt?.abortSignal('timeout', error)
  }

  /** Ends without an answer: the outer attempt that waited for it has ended before. */
  drop(kind: 'timeout' | 'cancelled', error: unknown): void {
    if (this.phase === DONE) return
    const attempt = this.current
    if (attempt !== null) abandon(attempt, kind, error)
    if (kind === 'timeout' && this.phase === PENDING) this.retriesFailed()
    this.countEnd({ kind, error })
    this.finish()
    const ties = this.tied()
    // What is told now, and ends with that, says so by itself.
    const runsOn = ties.abandoned > 0
    attempt?.abortSignal(kind, error)
    ties.answering?.abort(error)
    if (!runsOn) ties.parent?.cameLate(kind)
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

  concluded(): void {
    this.phase = CONCLUDED
    this.current = null
  }

  settle(outcome: Outcome<unknown>, policy?: string): void {
    if (this.phase === DONE) return
    if (outcome.kind !== 'success' && outcome.kind !== 'cancelled') this.runner.meter?.threw()
    const { ties } = this
    this.finish()
    if (this.sink === TO_PARENT) ties?.parent?.ended(outcome, policy, ties.workLeft)
    else if (this.sink === TO_OUTCOME) this.resolve?.(outcome)
    else if (this.sink === TO_END) this.resolve?.({ outcome, policy })
    else if (outcome.kind === 'success') this.resolve?.(outcome.value)
    else this.reject?.(outcome.error)
  }

  protected begin(attempt: number, now: number | undefined): void {
    const current = new Attempt(this.runner, this.work, now)
    current.whole = this
    current.input = this.input
    this.current = current
    if (attempt > 1) {
      const ties = this.tied()
      ties.onlyWaited = ties.neverBegan
      ties.neverBegan = false
      current.more.number = attempt
      this.triedAgain(current.attempt)
    }
    enter(current)
  }

  private refusedByCaller(signal: AbortSignal | undefined, budgetMs: number): FailedOutcome | undefined {
    if (signal?.aborted === true) return { kind: 'cancelled', error: signal.reason }
    return budgetMs <= 0 ? { kind: 'timeout', error: this.budgetError(budgetMs) } : undefined
  }

  protected abortedByCaller(): void {
    if (this.phase === DONE) return
    const ties = this.tied()
    const error = ties.abortReason
    const attempt = this.current
    if (attempt !== null) abandon(attempt, 'cancelled', error)
    this.countEnd({ kind: 'cancelled', error })
    this.settle({ kind: 'cancelled', error })
    attempt?.abortSignal('cancelled', error)
    ties.answering?.abort(error)
  }

  private countEnd(outcome: FailedOutcome): void {
    if (this.phase !== PENDING) return
    this.concluded()
    this.runner.meter?.ended(outcome, undefined, undefined)
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

  private finish(): void {
    this.phase = DONE
    this.current = null
    this.ties?.loosen()
  }
}
