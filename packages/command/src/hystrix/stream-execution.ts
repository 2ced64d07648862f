/**
 * An execution that answers with a stream of values (Hystrix: `HystrixObservableCommand`). Values are pulled: nothing is
 * asked of the work before somebody asks for it, and who stops asking ends it.
 */
import type { Cause } from './causes.js'
import type { Ended } from './race.js'
import { Execution } from './execution.js'
import type { ExecutionPlan } from './execution-plan.js'
import { askFallback, errorOfFallback, fallbackEnded, Refused, threw } from './fallback-step.js'
import { closed, DONE, emptySource, nextOf, sourceOf } from './stream-source.js'
import type { Source } from './stream-source.js'
import { commandFailed } from './value-execution.js'

/** The work of a stream, with its arguments. */
export interface StreamWork {
  readonly run: (call: Execution['call'], ...args: unknown[]) => unknown
  readonly args: readonly unknown[]
}

export class StreamExecution extends Execution {
  private source: Source | undefined = undefined
  private cause: Cause | undefined = undefined
  private gone: { readonly reason: unknown } | undefined = undefined
  /** What was closed last, and when that has ended. */
  private closing: { readonly source: Source; readonly end: Promise<void> } | undefined = undefined
  /** Ends the wait for a value of the fallback. */
  private unwait: (() => void) | undefined = undefined

  constructor(
    plan: ExecutionPlan,
    private readonly work: StreamWork,
  ) {
    super(plan)
  }

  /** Begins to hear of the caller's abort, and has so much time. */
  hear(signal: AbortSignal | undefined, budgetMs: number): void {
    this.budgetMs = budgetMs
    if (signal !== undefined) this.listen(signal)
  }

  /** The next value, or the end; throws the error of the command. */
  async step(): Promise<IteratorResult<unknown>> {
    this.checkPresence()
    if (this.isOver) return DONE
    if (this.cause !== undefined) return this.fallbackStep(this.cause)
    if (this.source !== undefined) return this.workStep(this.source)
    const cause = await this.open()
    this.checkPresence()
    if (cause !== undefined) return this.insteadOf(cause)
    return this.workStep(this.source ?? emptySource())
  }

  /** The caller wants no more. */
  async stop(): Promise<void> {
    if (this.isOver) return
    const { source } = this
    this.cancel(new DOMException('the stream was left', 'AbortError'))
    await this.close(source)
  }

  protected override cancelled(reason: unknown): void {
    this.gone = { reason }
    this.unwait?.()
    if (this.cause !== undefined) {
      fallbackEnded(this)
      void this.close(this.source)
    } else if (this.slot.isWorking) void this.close(this.source).then(() => this.slot.workEnded())
  }

  // Once: an iterator may not expect to be told twice.
  private async close(source: Source | undefined): Promise<void> {
    if (source === undefined) return
    if (this.closing?.source !== source) this.closing = { source, end: closed(source) }
    await this.closing.end
  }

  private checkPresence(): void {
    if (this.gone !== undefined) throw this.goneFor()
  }

  private goneFor(): unknown {
    return this.gone?.reason
  }

  private async open(): Promise<Cause | undefined> {
    try {
      this.hold()
      const admitted = this.admit()
      this.release()
      const refused = admitted instanceof Promise ? await admitted : admitted
      if (refused !== undefined || this.isOver) return refused
    } catch (error) {
      threw(this, undefined)
      this.end('ignored')
      this.plan.key.meter.ended({ kind: 'failure', error }, undefined, undefined)
      throw commandFailed(this.key, error)
    }
    this.hold()
    const cause = this.enterWork() ?? (this.isLeaving ? undefined : this.openSource())
    this.release()
    return cause
  }

  private openSource(): Cause | undefined {
    const { run, args } = this.work
    try {
      this.source = sourceOf(run(this.call, ...args))
      return undefined
    } catch (error) {
      return this.workFailed(error)
    }
  }

  private async workStep(source: Source): Promise<IteratorResult<unknown>> {
    this.hold()
    const waiting = this.race.waitFor(nextOf(source))
    this.release()
    const ended = this.heard(await waiting)
    switch (ended.kind) {
      case 'cancelled':
        throw this.goneFor()
      case 'timeout':
        void closed(source)
        return this.insteadOf(this.timedOut())
      case 'error':
        return this.insteadOf(this.workFailed(ended.error))
      case 'value':
        return this.worked(ended)
    }
  }

  private worked({
    value: step,
  }: Extract<Ended<IteratorResult<unknown>>, { kind: 'value' }>): IteratorResult<unknown> {
    const { plugins } = this.plan
    // As in Hystrix, the time is that of the first value.
    this.race.stopClock()
    this.hold()
    if (step.done !== true) {
      const value = plugins.replace('onExecutionEmit', this, step.value)
      this.record.note('EMIT')
      plugins.mark('EMIT', this.key)
      const emitted = plugins.replace('onEmit', this, value)
      this.release()
      return { done: false, value: emitted }
    }
    this.slot.isWorking = false
    this.succeeded()
    plugins.tell('onExecutionSuccess', this)
    this.leaveThread()
    plugins.tell('onSuccess', this)
    this.end('success')
    return DONE
  }

  private insteadOf(cause: Cause): Promise<IteratorResult<unknown>> {
    this.checkPresence()
    this.source = undefined
    this.hold()
    try {
      const given = askFallback(this, cause, this.work.args)
      this.cause = cause
      this.source = sourceOf(given)
      this.release()
    } catch (error) {
      if (!(error instanceof Refused)) fallbackEnded(this)
      this.cause = undefined
      this.release()
      this.checkPresence()
      return Promise.reject(this.unanswered(cause, error))
    }
    return this.fallbackStep(cause)
  }

  private async fallbackStep(cause: Cause): Promise<IteratorResult<unknown>> {
    const { plugins, key } = this.plan
    this.checkPresence()
    let step: IteratorResult<unknown>
    try {
      step = await this.whilePresent(nextOf(this.source ?? emptySource()))
    } catch (error) {
      this.checkPresence()
      this.fallbackIsDone()
      throw this.unanswered(cause, error)
    }
    this.checkPresence()
    this.hold()
    if (step.done !== true) {
      const value = plugins.replace('onFallbackEmit', this, step.value)
      this.record.note('FALLBACK_EMIT')
      plugins.mark('FALLBACK_EMIT', this.key)
      const emitted = plugins.replace('onEmit', this, value)
      this.release()
      return { done: false, value: emitted }
    }
    this.fallbackIsDone()
    this.mark('FALLBACK_SUCCESS')
    key.meter.answered('success')
    plugins.tell('onFallbackSuccess', this)
    plugins.tell('onSuccess', this)
    this.end(cause.kind)
    return DONE
  }

  // A fallback has no time limit, so who leaves must not have to wait for it.
  private whilePresent<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const unwait = (): void => reject(this.goneFor())
      this.unwait = unwait
      promise.then(resolve, reject)
    })
  }

  private fallbackIsDone(): void {
    this.cause = undefined
    fallbackEnded(this)
  }

  private unanswered(cause: Cause, thrown: unknown): unknown {
    const error = thrown instanceof Refused ? thrown.error : errorOfFallback(this, cause, thrown)
    threw(this, cause)
    this.end(cause.kind)
    return error
  }
}
