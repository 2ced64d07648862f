/**
 * One execution of a command, in the steps of Hystrix (`AbstractCommand.applyHystrixSemantics` and what follows): circuit,
 * semaphore, time, thread, work, fallback, end. The parts are those of every pipeline: the permit of the breaker, the
 * slots of a bulkhead, the deadline line. What is here is their order, the events, and who is told.
 *
 * How the work is run is left to those who inherit: once for a value, or step by step for a stream.
 */
import { CallTimeoutError } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import { AdmittedExecution } from './admission.js'
import type { Cause } from './causes.js'
import { causeOf, outcomeOf, verdictOf } from './causes.js'
import { causeOfError } from './failure.js'

export abstract class Execution extends AdmittedExecution {
  private isInThreadNow = false
  private isMetered = false
  private unlisten: (() => void) | undefined = undefined
  private held = 0
  private leaving: { readonly reason: unknown } | undefined = undefined

  /** Nobody wants the answer any more. */
  cancel(reason: unknown): void {
    if (this.isOver) return
    if (this.held > 0) {
      this.leaving ??= { reason }
      return
    }
    // For good: whoever hears of it may make the caller leave once more.
    this.hold()
    const { plan, record } = this
    if (!record.isTerminated) {
      this.mark('CANCELLED')
      plan.plugins.tell('onUnsubscribe', this)
    }
    if (!this.isMetered) plan.key.meter.ended({ kind: 'cancelled', error: reason }, undefined, undefined)
    this.leaveThread()
    if (this.properties['execution.isolation.thread.interruptOnFutureCancel']) this.interrupt(reason)
    this.end('cancelled')
    this.race.stop('cancelled')
    this.cancelled(reason)
  }

  /**
   * Until {@link release} the execution is in the middle of a step: hooks, listeners and the work itself may make its
   * caller leave, but he does so between two steps only.
   */
  hold(): void {
    this.held++
  }

  /** The step is done. */
  release(): void {
    if (--this.held === 0 && this.leaving !== undefined) this.cancel(this.leaving.reason)
  }

  /** Its caller leaves at the end of this step. */
  get isLeaving(): boolean {
    return this.leaving !== undefined && !this.isOver
  }

  /** Tells that the work begins; an error of a hook is one of the work. */
  protected enterWork(): Cause | undefined {
    const { record, plan } = this
    const isThread = this.properties['execution.isolation.strategy'] === 'THREAD'
    record.hasRun = true
    record.isInThread = isThread
    this.isInThreadNow = isThread
    plan.key.streams.started(++plan.key.concurrent, this.now())
    if (isThread) plan.pool.started(this.now())
    try {
      if (isThread) plan.plugins.begin('onThreadStart', this)
      plan.plugins.begin('onExecutionStart', this)
      this.slot.isWorking = !this.isLeaving
      return undefined
    } catch (error) {
      return this.failed(error)
    }
  }

  /** The time was over. */
  protected override timedOut(): Cause {
    const { plan, properties } = this
    this.hold()
    const ms = (this.call.deadline ?? 0) - (this.record.startedAt ?? 0)
    const error = new CallTimeoutError(`${this.key}: no answer within ${String(ms)} ms`)
    const cause = this.stopped(causeOf('TIMEOUT', error))
    if (properties['execution.isolation.thread.interruptOnTimeout']) this.interrupt(error)
    if (!this.record.hasRun) plan.pool.limit.leave(this.call)
    this.leaveThread()
    this.slot.review()
    this.release()
    return cause
  }

  /** The work failed. */
  protected workFailed(thrown: unknown): Cause {
    this.hold()
    const cause = this.failed(thrown)
    this.slot.isWorking = false
    this.release()
    return cause
  }

  private failed(thrown: unknown): Cause {
    const { plan } = this
    const error = plan.plugins.replace('onExecutionError', this, thrown)
    const cause = this.stopped(causeOfError(error, plan))
    this.leaveThread()
    return cause
  }

  /** The work succeeded: with its value, or with the last of them. */
  protected succeeded(): void {
    const { plan } = this
    const strategy = this.properties['execution.isolation.strategy']
    const tell = (): void => {
      if (plan.plugins.isEmpty) return
      plan.plugins.executed(this.key, strategy, Math.max(0, this.latencyMs), this.events)
    }
    if (plan.key.line.tellsExecutionFirst) tell()
    this.mark('SUCCESS')
    if (!plan.key.line.tellsExecutionFirst) tell()
    this.permit?.workEnded('success')
    this.isMetered = true
    const now = this.now()
    plan.key.meter.succeeded(now - (this.record.startedAt ?? this.calledAt), now)
  }

  /** Tells that the work has left its thread, once. */
  protected leaveThread(): void {
    if (!this.isInThreadNow) return
    this.isInThreadNow = false
    this.plan.plugins.tell('onThreadComplete', this)
  }

  /** Step 12, once. */
  end(kind: OutcomeKind): void {
    if (this.isOver) return
    this.isOver = true
    const { plan, record } = this
    this.race.stopClock()
    this.unlisten?.()
    const now = this.now()
    if (record.startedAt !== undefined && !record.isRejected)
      record.totalLatencyMs = Math.trunc(now - this.calledAt)
    plan.key.streams.ended(record, now)
    plan.key.health?.ended(record, now)
    plan.pool.ended(record, now)
    if (record.hasRun) plan.key.concurrent--
    this.permit?.settle(kind)
    if (!record.hasRun && record.startedAt !== undefined) plan.pool.limit.leave(this.call)
    this.slot.isOver = true
    this.slot.review()
  }

  /** Ends with the caller's signal. */
  protected listen(signal: AbortSignal): void {
    const leaveSignal = (): void => this.cancel(signal.reason)
    signal.addEventListener('abort', leaveSignal, { once: true })
    const unlisten = (): void => signal.removeEventListener('abort', leaveSignal)
    this.unlisten = unlisten
  }

  /** The caller has gone: nothing more will be answered. */
  protected abstract cancelled(reason: unknown): void

  /** An event that leaves the call without an answer of its own. */
  protected override stopped(cause: Cause): Cause {
    const { record, plan } = this
    const { event, error } = cause
    this.race.stopClock()
    // Only the timer itself tells of a timeout; work that throws one is silent, as in Hystrix.
    if (event === 'TIMEOUT' && !this.slot.isTimedOut) record.add(event, this.now())
    else this.mark(event)
    record.failed(event, error)
    this.permit?.workEnded(verdictOf(cause, plan.key.line))
    this.isMetered = true
    const durationMs = record.hasRun ? this.now() - (record.startedAt ?? 0) : undefined
    plan.key.meter.ended(outcomeOf(cause), cause.policy, durationMs)
    return cause
  }

  override ranOut(): void {
    this.slot.isTimedOut = true
  }

  /** A late failure is one that hooks hear of, and nobody else. */
  override cameLate(failure: { readonly error: unknown } | undefined): void {
    if (failure !== undefined && this.record.has('TIMEOUT'))
      this.plan.plugins.replace('onExecutionError', this, failure.error)
    this.slot.workEnded()
  }

  // Threads are interrupted; work on the caller's own thread is not, where a caller is blocked by it.
  private interrupt(reason: unknown): void {
    const isThread = this.properties['execution.isolation.strategy'] === 'THREAD'
    if (isThread || !this.plan.key.line.blocksCallers) this.call.abort(reason)
  }
}
