/**
 * One execution of a command, in the steps of Hystrix (`AbstractCommand.applyHystrixSemantics` and what follows): circuit,
 * semaphore, time, thread, work, fallback, end. The parts are those of every pipeline: the permit of the breaker, the
 * slots of a bulkhead, the deadline line. What is here is their order, the events, and who is told.
 *
 * How the work is run is left to those who inherit: once for a value, or step by step for a stream.
 */
import type { Permit } from '@breakwater/breaker'
import { ADMITTED, CallTimeoutError, isBreakwaterError, timelineOf, WAITING } from '@breakwater/kernel'
import type { OutcomeKind } from '@breakwater/kernel'
import type { Cause } from './causes.js'
import { causeOf, outcomeOf, verdictOf } from './causes.js'
import type { HystrixEvent } from './core/events.js'
import type { CommandPropertyValues } from './core/property-table.js'
import { timeoutOf } from './command-key.js'
import { causeOfError } from './failure.js'
import { HeldSlot } from './held-slot.js'
import type { ExecutionPlan } from './execution-plan.js'
import { Race } from './race.js'
import { RunCall } from './run-call.js'
import { noPermits } from './shut-off.js'
import { WatchedExecution } from './watched-execution.js'

export abstract class Execution extends WatchedExecution {
  readonly properties: CommandPropertyValues
  readonly call: RunCall
  readonly slot: HeldSlot
  isOver = false
  protected readonly calledAt: number
  protected readonly race: Race
  private permit: Permit | undefined = undefined
  private isInThreadNow = false
  private isMetered = false
  private unlisten: (() => void) | undefined = undefined

  constructor(readonly plan: ExecutionPlan) {
    super()
    const { key } = plan
    this.properties = key.properties
    this.calledAt = this.now()
    this.call = new RunCall(this.key, () => this.now())
    this.slot = new HeldSlot(this.properties['execution.isolation.strategy'], key.line)
    this.race = new Race(
      () => (this.slot.isTimedOut = true),
      (failure) => this.cameLate(failure),
    )
  }

  get key(): string {
    return this.plan.key.definition.key
  }
  /** Notes an event, until the end, and tells of it. */
  mark(event: HystrixEvent, times = 1): void {
    if (!this.isOver) this.record.add(event, this.now(), times)
    this.plan.plugins.mark(event, this.key)
  }

  /** Nobody wants the answer any more. */
  cancel(reason: unknown): void {
    if (this.isOver) return
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

  /** Steps 3 to 8: whether the work may begin now; otherwise why not, or later. */
  protected admit(): Cause | undefined | Promise<Cause | undefined> {
    const { plan } = this
    const { key } = plan
    key.meter.started()
    plan.plugins.begin('onStart', this)
    if (plan.collapsed > 0) this.mark('COLLAPSED', plan.collapsed)
    const permit = key.breaker.tryAcquire()
    if (isBreakwaterError(permit)) return this.stopped(causeOf('SHORT_CIRCUITED', permit))
    this.permit = permit
    const now = this.now()
    if (this.properties['execution.isolation.strategy'] === 'SEMAPHORE') return this.admitByPermit(now)
    this.begin(now)
    const { limit } = plan.pool
    const entered = plan.pool.refuses() ?? limit.enter(this.call, now)
    if (entered === ADMITTED) this.slot.take(limit)
    else if (entered === WAITING) return this.awaitThread()
    else return this.stopped(causeOf('THREAD_POOL_REJECTED', entered))
    return undefined
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
      this.slot.isWorking = true
      return undefined
    } catch (error) {
      return this.failed(error)
    }
  }

  /** The time was over. */
  protected timedOut(): Cause {
    const { plan, properties } = this
    const ms = (this.call.deadline ?? 0) - (this.record.startedAt ?? 0)
    const error = new CallTimeoutError(`${this.key}: no answer within ${String(ms)} ms`)
    const cause = this.stopped(causeOf('TIMEOUT', error))
    if (properties['execution.isolation.thread.interruptOnTimeout']) this.interrupt(error)
    if (!this.record.hasRun) plan.pool.limit.leave(this.call)
    this.leaveThread()
    this.slot.review()
    return cause
  }

  /** The work failed. */
  protected failed(thrown: unknown): Cause {
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
    const tell = (): void =>
      plan.plugins.executed(this.key, strategy, Math.max(0, this.latencyMs), this.events)
    if (plan.key.line.tellsExecutionFirst) tell()
    this.mark('SUCCESS')
    if (!plan.key.line.tellsExecutionFirst) tell()
    this.permit?.workEnded('success')
    this.isMetered = true
    plan.key.meter.succeeded(this.now() - (this.record.startedAt ?? this.calledAt), this.now())
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
    this.unlisten = () => signal.removeEventListener('abort', leaveSignal)
  }

  protected now(): number {
    return this.plan.key.definition.clock.now()
  }

  /** The caller has gone: nothing more will be answered. */
  protected abstract cancelled(reason: unknown): void

  private admitByPermit(now: number): Cause | undefined {
    const { limit, hasPermits } = this.plan.key
    const entered = hasPermits ? limit.enter(this.call, now) : noPermits(this.key)
    if (entered !== ADMITTED) return this.stopped(causeOf('SEMAPHORE_REJECTED', entered))
    this.slot.take(limit)
    this.begin(now)
    return undefined
  }

  private begin(now: number): void {
    const { plan, record, properties } = this
    record.startedAt = now
    const timeoutMs = Math.min(timeoutOf(properties) ?? Infinity, plan.budgetMs)
    if (timeoutMs === Infinity) return
    this.call.deadline = now + timeoutMs
    timelineOf(plan.key.definition.clock).line(timeoutMs).join(this.race, now)
  }

  private async awaitThread(): Promise<Cause | undefined> {
    const { call, plan } = this
    const granted = new Promise<void>((resolve) => {
      call.onGranted = () => {
        this.slot.take(plan.pool.limit)
        resolve()
      }
    })
    const ended = await this.race.waitFor(granted)
    return ended.kind === 'timeout' ? this.timedOut() : undefined
  }

  /** An event that leaves the call without an answer of its own. */
  private stopped(cause: Cause): Cause {
    const { record, plan } = this
    const { event, error } = cause
    this.race.stopClock()
    // Only the timer itself tells of a timeout; work that throws one is silent, as in Hystrix.
    if (event === 'TIMEOUT' && !this.slot.isTimedOut) record.add(event, this.now())
    else this.mark(event)
    record.executionError = error
    if (event === 'FAILURE') record.failedError = error
    this.permit?.workEnded(verdictOf(cause, plan.key.line))
    this.isMetered = true
    const durationMs = record.hasRun ? this.now() - (record.startedAt ?? 0) : undefined
    plan.key.meter.ended(outcomeOf(cause), cause.policy, durationMs)
    return cause
  }

  // A late failure is one that hooks hear of, and nobody else.
  private cameLate(failure: { readonly error: unknown } | undefined): void {
    if (failure !== undefined && this.record.has('TIMEOUT') && this.record.isInThread)
      this.plan.plugins.replace('onExecutionError', this, failure.error)
    this.slot.workEnded()
  }

  // Threads are interrupted; work on the caller's own thread is not, where a caller is blocked by it.
  private interrupt(reason: unknown): void {
    const isThread = this.properties['execution.isolation.strategy'] === 'THREAD'
    if (isThread || !this.plan.key.line.blocksCallers) this.call.abort(reason)
  }
}
