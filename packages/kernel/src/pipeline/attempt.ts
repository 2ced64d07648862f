/**
 * One attempt of a call: the `Call` that the work sees, and everything the guards need to recognise its end. It goes
 * through its phases once; whatever comes after the end (a late answer, a second settlement) finds it ended.
 */
import type { MonotonicMs } from '../clock.js'
import { DeadlineNode } from '../deadline.js'
import type { BreakwaterError } from '../errors.js'
import type { Outcome, OutcomeKind } from '../outcome.js'
import type { Invocation } from './invocation.js'
import { ADMITTED, WAITING } from './stage.js'
import type { Admission, LimitPart, SlotSeeker } from './stage.js'

const NEW = 0
const QUEUED = 1
const RUNNING = 2
const ENDED = 3
/** Ended for the caller while the work may still run. */
const ABANDONED = 4

export class Attempt extends DeadlineNode implements SlotSeeker, Admission {
  generation = 0
  lease: object | null = null
  /** A run that this one waits for: the next stretch of the pipeline. */
  child: Invocation | null = null
  /** When it was admitted; absent when the clock was not read. */
  startedAt: number | undefined
  /** Whether the time that runs in the deadline line is the whole call's. */
  boundByTotal = false
  private phase = NEW
  private controller: AbortController | null = null
  private reason: unknown = undefined

  constructor(
    private readonly invocation: Invocation,
    readonly attempt: number,
    now: number | undefined,
  ) {
    super()
    this.startedAt = now
  }

  get name(): string | undefined {
    return this.invocation.runner.name
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController()
      if (this.phase === ABANDONED) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  get deadline(): MonotonicMs | undefined {
    const endsAt = Math.min(this.attemptEndsAt(), this.invocation.endsAt())
    return endsAt === Infinity ? undefined : endsAt
  }

  remainingMs(): number {
    const { deadline } = this
    return deadline === undefined ? Infinity : Math.max(0, deadline - this.invocation.runner.clock.now())
  }

  /** Asks the guards, from the outside in, and starts the work when all admit it. */
  begin(): void {
    const { runner } = this.invocation
    const { guards, breaker } = runner
    if (guards !== null) {
      const refused = guards.enter(this)
      if (refused !== undefined) {
        this.refused(refused, guards.refusedBy)
        return
      }
    }
    if (breaker !== null && this.phase === NEW) {
      const refused = breaker.enter(this, runner.timeoutMs)
      if (refused !== undefined) {
        guards?.exit(this, { kind: 'rejected', error: refused })
        this.refused(refused, 'breaker')
        return
      }
    }
    // A listener or guard may have aborted the call while it was being admitted.
    if (this.phase !== NEW) this.tellGuards({ kind: 'cancelled', error: this.reason })
    else if (runner.limit !== null && !runner.limit.tryTake()) this.seek(runner.limit)
    else this.launch()
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
      invocation.attemptEnded(this, { kind: 'timeout', error }, 'timeout', undefined)
      this.abortSignal('timeout', error)
    }
  }

  /** Ends it for the caller, though its work may still run. The signal is left for {@link abortSignal}. */
  leave(kind: 'timeout' | 'cancelled', error: unknown): void {
    const { phase } = this
    if (phase >= ENDED) return
    this.phase = ABANDONED
    this.reason = error
    this.unlink()
    if (phase === NEW) return
    const { limit } = this.invocation.runner
    if (phase === QUEUED) {
      this.phase = ENDED
      limit?.leave(this)
    } else {
      this.invocation.abandonedOne()
      if (limit?.releaseOnTimeout === true) limit.release()
    }
    // Who never left the queue has learned nothing about the dependency.
    this.tellGuards({ kind: phase === QUEUED ? 'cancelled' : kind, error })
  }

  /** Tells the work, after all state is final: its listeners are foreign code. */
  abortSignal(kind: 'timeout' | 'cancelled', reason: unknown): void {
    this.child?.drop(kind, reason)
    this.controller?.abort(reason)
  }

  /** The work answered. */
  fulfilled(value: unknown): void {
    if (this.phase !== RUNNING) this.cameLate('success')
    else this.ended({ kind: 'success', value })
  }

  /** The work failed. */
  failed(error: unknown): void {
    if (this.phase !== RUNNING) {
      this.cameLate('failure')
      return
    }
    const { meter } = this.invocation.runner
    this.ended({ kind: meter === null ? 'failure' : meter.kindOf(error), error })
  }

  /** The work ended, or the next stretch of the pipeline, which ran as the work and may have left some of it running. */
  ended(outcome: Outcome<unknown>, policy?: string, stillRuns = false): void {
    if (this.phase !== RUNNING) {
      this.cameLate(outcome.kind)
      return
    }
    this.unlink()
    const { runner } = this.invocation
    const durationMs = this.startedAt === undefined ? undefined : runner.clock.now() - this.startedAt
    this.phase = ENDED
    if (stillRuns) {
      this.phase = ABANDONED
      this.invocation.abandonedOne()
    }
    if (runner.limit !== null && (!stillRuns || runner.limit.releaseOnTimeout)) runner.limit.release()
    const seen = this.tellGuards(outcome, durationMs)
    this.invocation.attemptEnded(this, seen, policy, durationMs)
  }

  /** Work that nobody waited for has ended. */
  cameLate(kind: OutcomeKind): void {
    if (this.phase !== ABANDONED) return
    this.phase = ENDED
    const { breaker, limit } = this.invocation.runner
    if (limit !== null && !limit.releaseOnTimeout) limit.release()
    breaker?.late(this.generation, kind)
    this.invocation.lateEnd(kind)
  }

  private seek(limit: LimitPart): void {
    const { invocation } = this
    const now = invocation.runner.clock.now()
    this.phase = QUEUED
    const answer = limit.enter(this, now)
    if (answer === WAITING) invocation.waitForSlot(this, limit.maxWaitMs, now)
    else if (answer === ADMITTED) this.launch()
    else this.refusedByLimit(answer)
  }

  private refusedByLimit(error: BreakwaterError): void {
    this.unlink()
    this.phase = ENDED
    this.tellGuards({ kind: 'rejected', error })
    this.refused(error, 'bulkhead')
  }

  private refused(error: BreakwaterError, policy: string): void {
    this.phase = ENDED
    this.invocation.attemptEnded(this, { kind: 'rejected', error }, policy, undefined)
  }

  private launch(): void {
    this.phase = RUNNING
    const { invocation } = this
    invocation.watchTime(this)
    invocation.runner.run(invocation.work, this)
  }

  private tellGuards(outcome: Outcome<unknown>, durationMs?: number): Outcome<unknown> {
    const { runner } = this.invocation
    const { breaker, guards } = runner
    let seen = outcome
    if (breaker !== null) {
      const now =
        outcome.kind === 'success' && durationMs === undefined ? runner.recent() : runner.clock.now()
      const kind = breaker.exit(this, outcome, now, durationMs)
      if (kind === 'ignored' && outcome.kind === 'failure') seen = { kind, error: outcome.error }
    }
    guards?.exit(this, seen)
    return seen
  }

  private attemptEndsAt(): number {
    const { timeoutMs, clock } = this.invocation.runner
    return timeoutMs === Infinity ? Infinity : (this.startedAt ?? clock.now()) + timeoutMs
  }
}
