/**
 * One attempt of a call on its way through the guards: in, and out again. It goes through its phases once; whatever
 * comes after the end (a late answer, a second settlement) finds it ended.
 */
import type { BreakwaterError } from '../errors.js'
import type { Outcome, OutcomeKind } from '../outcome.js'
import { ABANDONED, ABANDONED_FREE, AttemptCall, ENDED, GONE, NEW, QUEUED, RUNNING } from './attempt-call.js'
import type { GuardList } from './guard-list.js'
import type { Invocation } from './invocation.js'
import { ADMITTED, GATE_FREE, WAITING } from './stage.js'
import type { Admission, BreakerPart, LimitPart, SlotSeeker } from './stage.js'
import { runWork } from './work.js'

export class Attempt extends AttemptCall implements SlotSeeker, Admission {
  generation = 0
  lease: object | null = null
  /** Whether the time that runs in the deadline line is the whole call's. */
  boundByTotal = false

  // Written out: without it the compiler passes the arguments on as a list, which is made anew for each attempt.
  // eslint-disable-next-line @typescript-eslint/no-useless-constructor -- see above
  constructor(invocation: Invocation, number: number, now: number | undefined) {
    super(invocation, number, now)
  }

  /** Asks the guards, from the outside in, and starts the work when all admit it. */
  begin(): void {
    const { guards, breaker, limit } = this.invocation.runner
    if (guards !== null && !this.passesGuards(guards)) return
    if (breaker !== null) {
      if (breaker.gate === GATE_FREE) this.generation = breaker.generation
      else if (!this.passesBreaker(breaker)) return
    }
    if (limit === null || limit.tryTake()) this.launch()
    else this.seek(limit)
  }

  /** A slot in the queue's turn. */
  granted(): void {
    this.unlink()
    const { runner, context } = this.invocation
    this.at = undefined
    this.boundByTotal = false
    this.startedAt = runner.clock.now()
    if (context === null) this.launch()
    else context.runInAsyncScope(this.launch, this)
  }

  /** The time of this phase is over. */
  override expire(): void {
    const { invocation } = this
    const { attemptTimeout, limit } = invocation.runner
    if (this.boundByTotal) {
      invocation.overTime()
    } else if (this.phase === QUEUED) {
      if (limit !== null) this.refusedByLimit(limit.waitedTooLong(this))
    } else if (attemptTimeout !== null) {
      attemptTimeout.expired()
      const error = attemptTimeout.error()
      this.leave('timeout', error)
      invocation.attemptEnded(this, { kind: 'timeout', error }, 'timeout', this.runTimeMs())
      this.abortSignal('timeout', error)
    }
  }

  /** Ends it for the caller, though its work may still run. The signal is left for {@link abortSignal}. */
  leave(kind: 'timeout' | 'cancelled', error: unknown): void {
    const { phase, neverRan } = this
    if (phase >= ENDED) return
    this.phase = ABANDONED
    this.reason = error
    this.unlink()
    if (phase === NEW) return
    const { limit, clock } = this.invocation.runner
    const now = clock.now()
    const durationMs = phase === QUEUED || this.startedAt === undefined ? undefined : now - this.startedAt
    if (phase === QUEUED) {
      this.phase = GONE
      limit?.leave(this)
    } else {
      this.abandon(limit)
    }
    // Who never left the queue has learned nothing about the dependency.
    this.tellGuards({ kind: neverRan ? 'cancelled' : kind, error }, now, durationMs)
  }

  /** Tells the work, after all state is final: its listeners are foreign code. */
  abortSignal(kind: 'timeout' | 'cancelled', reason: unknown): void {
    this.child?.drop(kind, reason)
    this.controller?.abort(reason)
  }

  /** The work answered. */
  fulfilled(value: unknown): void {
    const { invocation } = this
    const { runner } = invocation
    if (
      this.startedAt !== undefined ||
      this.phase !== RUNNING ||
      this.lease !== null ||
      runner.guards !== null
    ) {
      this.ended({ kind: 'success', value })
      return
    }
    const { breaker, limit } = runner
    this.phase = ENDED
    this.unlink()
    if (limit !== null) limit.release()
    if (breaker !== null) {
      runner.refresh(breaker)
      breaker.succeeded(value, this.generation)
    }
    invocation.succeeded(this, value)
  }

  /** The work failed. */
  failed(error: unknown): void {
    const { meter } = this.invocation.runner
    this.ended({ kind: meter === null || this.phase !== RUNNING ? 'failure' : meter.kindOf(error), error })
  }

  /** The work ended, or the next stretch of the pipeline, which ran as the work and may have left some of it running. */
  ended(outcome: Outcome<unknown>, policy?: string, stillRuns = false): void {
    if (this.phase !== RUNNING) {
      this.cameLate(outcome.kind)
      return
    }
    this.unlink()
    const { runner } = this.invocation
    const now = runner.clock.now()
    const durationMs = this.startedAt === undefined ? undefined : now - this.startedAt
    this.phase = ENDED
    if (stillRuns) this.abandon(runner.limit)
    else if (runner.limit !== null) runner.limit.release()
    const seen = this.tellGuards(outcome, now, durationMs)
    this.invocation.attemptEnded(this, seen, policy, durationMs)
  }

  /** Work that nobody waited for has ended. */
  cameLate(kind: OutcomeKind): void {
    const { phase } = this
    if (phase !== ABANDONED && phase !== ABANDONED_FREE) return
    this.phase = GONE
    const { breaker, limit } = this.invocation.runner
    if (limit !== null && phase === ABANDONED) limit.release()
    breaker?.late(this.generation, kind)
    this.invocation.lateEnd(kind)
  }

  // The work runs on alone. Whether its slot is free is settled here, whatever the limit is told later.
  private abandon(limit: LimitPart | null): void {
    this.invocation.abandonedOne()
    if (limit?.releaseOnTimeout !== true) {
      this.phase = ABANDONED
      return
    }
    this.phase = ABANDONED_FREE
    limit.release()
  }

  private seek(limit: LimitPart): void {
    const { invocation } = this
    const now = invocation.runner.clock.now()
    this.phase = QUEUED
    const answer = limit.enter(this, now)
    if (this.phase !== QUEUED) this.giveBack(limit, answer)
    else if (answer === WAITING) invocation.waitForSlot(this, limit.maxWaitMs, now)
    else if (answer === ADMITTED) this.launch()
    else this.refusedByLimit(answer)
  }

  // The call was aborted by what the limit asked or told: its own state is final, the limit's is not.
  private giveBack(limit: LimitPart, answer: ReturnType<LimitPart['enter']>): void {
    if (answer === ADMITTED) limit.release()
    else if (answer === WAITING) limit.leave(this)
  }

  private refusedByLimit(error: BreakwaterError): void {
    this.unlink()
    this.phase = ENDED
    this.tellGuards({ kind: 'rejected', error }, this.invocation.runner.clock.now())
    this.refused(error, 'bulkhead')
  }

  private refused(error: BreakwaterError, policy: string): void {
    this.phase = ENDED
    this.invocation.attemptEnded(this, { kind: 'rejected', error }, policy, undefined)
  }

  private passesGuards(guards: GuardList): boolean {
    const refused = guards.enter(this)
    if (refused !== undefined) this.refused(refused, guards.refusedBy)
    // A guard is foreign code: it may have aborted the call.
    else if (this.phase !== NEW) guards.exit(this, { kind: 'cancelled', error: this.reason })
    else return true
    return false
  }

  private passesBreaker(breaker: BreakerPart): boolean {
    const { runner } = this.invocation
    const refused = breaker.enter(this, runner.timeoutMs)
    if (refused !== undefined) {
      runner.guards?.exit(this, { kind: 'rejected', error: refused })
      this.refused(refused, 'breaker')
    } else if (this.phase !== NEW) {
      // So may a listener of the breaker have done.
      this.tellGuards({ kind: 'cancelled', error: this.reason }, runner.clock.now())
    } else return true
    return false
  }

  private launch(): void {
    const { invocation } = this
    const { runner } = invocation
    const { attemptTimeout } = runner
    this.phase = RUNNING
    if (invocation.hasTotalLimit) invocation.watchTime(this)
    else if (attemptTimeout !== null) attemptTimeout.line(runner.timeline).link(this, this.startedAt)
    if (runner.isInnermost) runWork(invocation.work, this, invocation.input)
    else runner.runNext(invocation, this)
  }

  private tellGuards(outcome: Outcome<unknown>, now: number, durationMs?: number): Outcome<unknown> {
    const { breaker, guards } = this.invocation.runner
    let seen = outcome
    if (breaker !== null) {
      const kind = breaker.exit(this, outcome, now, durationMs)
      if (kind === 'ignored' && outcome.kind === 'failure') seen = { kind, error: outcome.error }
    }
    guards?.exit(this, seen)
    return seen
  }

  private runTimeMs(): number | undefined {
    return this.startedAt === undefined ? undefined : this.invocation.runner.clock.now() - this.startedAt
  }
}
