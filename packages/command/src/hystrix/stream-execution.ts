/**
 * An execution that answers with a stream of values (Hystrix: `HystrixObservableCommand`). Values are pulled: nothing is
 * asked of the work before somebody asks for it, and who stops asking ends it.
 */
import type { Cause } from './causes.js'
import type { Ended } from './race.js'
import { Execution } from './execution.js'
import type { ExecutionPlan } from './execution-plan.js'
import { askFallback, errorOfFallback, fallbackEnded, Refused, threw } from './fallback-step.js'
import { commandFailed } from './value-execution.js'

/** Where values come from, one by one. */
type Source = AsyncIterator<unknown> | Iterator<unknown>

/** The work of a stream, with its arguments. */
export interface StreamWork {
  readonly run: (call: Execution['call'], ...args: unknown[]) => unknown
  readonly args: readonly unknown[]
}

const DONE: IteratorResult<unknown> = { done: true, value: undefined }

export class StreamExecution extends Execution {
  private source: Source | undefined = undefined
  private cause: Cause | undefined = undefined
  private gone: { readonly reason: unknown } | undefined = undefined

  constructor(
    plan: ExecutionPlan,
    private readonly work: StreamWork,
  ) {
    super(plan)
  }

  /** Begins to hear of the caller's abort. */
  hear(signal: AbortSignal | undefined): void {
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
    await closed(source)
  }

  protected override cancelled(reason: unknown): void {
    this.gone = { reason }
    if (this.cause !== undefined) fallbackEnded(this)
    else if (this.slot.isWorking) void closed(this.source).then(() => this.slot.workEnded())
  }

  private checkPresence(): void {
    if (this.gone !== undefined) throw this.goneFor()
  }

  private goneFor(): unknown {
    return this.gone?.reason
  }

  private async open(): Promise<Cause | undefined> {
    try {
      const admitted = this.admit()
      const refused = admitted instanceof Promise ? await admitted : admitted
      if (refused !== undefined || this.isOver) return refused
    } catch (error) {
      this.end('ignored')
      this.plan.key.meter.ended({ kind: 'failure', error }, undefined, undefined)
      threw(this, undefined)
      throw commandFailed(this.key, error)
    }
    return this.enterWork() ?? this.openSource()
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
    const ended = await this.race.waitFor(Promise.resolve(nextOf(source)))
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
    if (step.done !== true) {
      const value = plugins.replace('onExecutionEmit', this, step.value)
      this.record.note('EMIT')
      plugins.mark('EMIT', this.key)
      return { done: false, value: plugins.replace('onEmit', this, value) }
    }
    this.slot.isWorking = false
    this.succeeded()
    plugins.tell('onExecutionSuccess', this)
    this.leaveThread()
    plugins.tell('onSuccess', this)
    this.end('success')
    return DONE
  }

  private workFailed(error: unknown): Cause {
    const cause = this.failed(error)
    this.slot.isWorking = false
    return cause
  }

  private insteadOf(cause: Cause): Promise<IteratorResult<unknown>> {
    this.source = undefined
    try {
      const given = askFallback(this, cause, this.work.args)
      this.cause = cause
      this.source = sourceOf(given)
    } catch (error) {
      if (!(error instanceof Refused)) fallbackEnded(this)
      this.cause = undefined
      return Promise.reject(this.unanswered(cause, error))
    }
    return this.fallbackStep(cause)
  }

  private async fallbackStep(cause: Cause): Promise<IteratorResult<unknown>> {
    const { plugins, key } = this.plan
    let step: IteratorResult<unknown>
    try {
      step = await nextOf(this.source ?? emptySource())
    } catch (error) {
      this.checkPresence()
      this.fallbackIsDone()
      throw this.unanswered(cause, error)
    }
    this.checkPresence()
    if (step.done !== true) {
      const value = plugins.replace('onFallbackEmit', this, step.value)
      this.record.note('FALLBACK_EMIT')
      plugins.mark('FALLBACK_EMIT', this.key)
      return { done: false, value: plugins.replace('onEmit', this, value) }
    }
    this.fallbackIsDone()
    this.mark('FALLBACK_SUCCESS')
    key.meter.answered('success')
    plugins.tell('onFallbackSuccess', this)
    plugins.tell('onSuccess', this)
    this.end(cause.kind)
    return DONE
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

function sourceOf(given: unknown): Source {
  const iterable = (given ?? {}) as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  const open: (() => Source) | undefined = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator]
  if (typeof given === 'string' || typeof open !== 'function')
    throw new TypeError('a stream command must answer something to iterate over')
  return open.call(given)
}

async function nextOf(source: Source): Promise<IteratorResult<unknown>> {
  const step = await source.next()
  // The values of a synchronous iterable may be promises.
  return step.done === true ? DONE : { done: false, value: await step.value }
}

async function closed(source: Source | undefined): Promise<void> {
  try {
    await source?.return?.()
  } catch {
    // Nobody waits for it any more.
  }
}

function emptySource(): Source {
  return [][Symbol.iterator]()
}
