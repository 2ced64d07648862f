/**
 * An execution that answers with one value.
 */
import { adopt } from '@breakwater/kernel'
import type { Cause } from './causes.js'
import { Deferred } from './deferred.js'
import { Execution } from './execution.js'
import type { ExecutionPlan } from './execution-plan.js'
import type { HystrixExecution } from './execution-view.js'
import { askFallback, errorOfFallback, fallbackEnded, Refused, threw } from './fallback-step.js'
import { HystrixRuntimeError } from './hystrix-errors.js'
import { failedAfterCancel, fallbackFailedAfterCancel } from './late-failure.js'
import type { Ended } from './race.js'

/** The work, with its arguments. */
export interface ValueWork {
  readonly run: (call: Execution['call'], ...args: unknown[]) => unknown
  readonly args: readonly unknown[]
}

export class ValueExecution extends Execution implements HystrixExecution<unknown> {
  private readonly answer: Deferred<unknown> = new Deferred()

  constructor(
    plan: ExecutionPlan,
    private readonly work: ValueWork,
  ) {
    super(plan)
  }

  get result(): Promise<unknown> {
    return this.answer.promise
  }

  /** Begins, under the caller's signal if there is one. */
  start(signal: AbortSignal | undefined): this {
    if (signal !== undefined) this.listen(signal)
    void this.live()
    return this
  }

  /** Ends before it began, with an error of the caller's making. */
  refuse(error: unknown): this {
    this.isOver = true
    this.answer.reject(error)
    return this
  }

  protected override cancelled(reason: unknown): void {
    this.answer.reject(reason)
  }

  private async live(): Promise<void> {
    try {
      this.hold()
      const admitted = this.admit()
      this.release()
      const refused = admitted instanceof Promise ? await admitted : admitted
      if (this.isOver) return
      const cause = refused ?? (await this.attempt())
      if (cause !== undefined && !this.isOver) await this.answerInstead(cause)
    } catch (error) {
      // A hook at the start: nothing was begun.
      threw(this, undefined)
      this.end('ignored')
      this.plan.key.meter.ended({ kind: 'failure', error }, undefined, undefined)
      this.answer.reject(commandFailed(this.key, error))
    }
  }

  private async attempt(): Promise<Cause | undefined> {
    this.hold()
    const failed = this.enterWork()
    if (failed !== undefined || this.isLeaving) {
      this.release()
      return failed
    }
    const work = this.begun()
    const waiting = this.race.waitFor(work)
    this.release()
    const ended = this.heard(await waiting)
    switch (ended.kind) {
      case 'cancelled':
        if (this.plan.key.line.compat !== undefined)
          work.catch((error: unknown) => failedAfterCancel(this, error, this.work.args))
        return undefined
      case 'timeout':
        return this.timedOut()
      case 'error':
        return this.workFailed(ended.error)
      case 'value':
        this.worked(ended.value)
        return undefined
    }
  }

  // Work that has ended just before its caller left holds its slot no longer, though nobody hears of its end.
  protected override heard<T>(ended: Ended<T>): Ended<T> {
    if (this.isOver && (ended.kind === 'value' || ended.kind === 'error')) this.slot.workEnded()
    return super.heard(ended)
  }

  private begun(): Promise<unknown> {
    const { run, args } = this.work
    try {
      const given = run(this.call, ...args)
      return adopt(given) ?? Promise.resolve(given)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  private worked(given: unknown): void {
    const { plugins } = this.plan
    // To the end: there is an answer, and nobody leaves any more.
    this.hold()
    this.race.stopClock()
    this.slot.isWorking = false
    const value = plugins.replace('onExecutionEmit', this, given)
    this.succeeded()
    const emitted = plugins.replace('onEmit', this, value)
    plugins.tell('onExecutionSuccess', this)
    this.leaveThread()
    plugins.tell('onSuccess', this)
    this.end('success')
    this.answer.resolve(emitted)
  }

  private async answerInstead(cause: Cause): Promise<void> {
    const { plan } = this
    let given: unknown
    try {
      given = await this.fallbackAnswer(cause)
    } catch (thrown) {
      if (this.isOver) {
        if (plan.key.line.compat !== undefined) fallbackFailedAfterCancel(this, cause, thrown)
        return
      }
      this.hold()
      const error = thrown instanceof Refused ? thrown.error : errorOfFallback(this, cause, thrown)
      threw(this, cause)
      await this.finish(cause, () => this.answer.reject(error))
      return
    }
    if (this.isOver) return
    this.hold()
    const value = plan.plugins.replace('onFallbackEmit', this, given)
    const emitted = plan.plugins.replace('onEmit', this, value)
    this.mark('FALLBACK_SUCCESS')
    plan.key.meter.answered('success')
    plan.plugins.tell('onFallbackSuccess', this)
    plan.plugins.tell('onSuccess', this)
    await this.finish(cause, () => this.answer.resolve(emitted))
  }

  private async fallbackAnswer(cause: Cause): Promise<unknown> {
    let isAsked = true
    try {
      return await askFallback(this, cause, this.work.args)
    } catch (error) {
      isAsked = !(error instanceof Refused)
      throw error
    } finally {
      if (isAsked) fallbackEnded(this)
    }
  }

  private async finish(cause: Cause, settle: () => void): Promise<void> {
    this.end(cause.kind)
    const { unblocked } = this.slot
    if (unblocked !== undefined) await unblocked
    settle()
  }
}

/** The error of a command that failed outside of its steps. */
export function commandFailed(key: string, cause: unknown): HystrixRuntimeError {
  return new HystrixRuntimeError(`${key} failed while executing.`, {
    failureType: 'COMMAND_EXCEPTION',
    cause,
  })
}
