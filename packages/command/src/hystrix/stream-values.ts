/**
 * The values of one execution of a stream command, for who iterates over them.
 */
import { currentRequestScope } from '@breakwater/kernel'
import type { RequestScope } from '@breakwater/kernel'
import { budgetOf } from '../request-budget.js'
import type { EventCounts, HystrixEvent } from './core/events.js'
import type { HystrixHome } from './hystrix-home.js'
import type { HystrixCallOptions } from './hystrix-home.js'
import { currentLog } from './request-context.js'
import type { StreamExecutionView } from './stream-command.js'
import { StreamExecution } from './stream-execution.js'

/** One step after the other, also for those who ask for several at once. */
export class StreamValues<R> implements StreamExecutionView<R> {
  private readonly execution: StreamExecution
  private hasBegun = false
  private last: Promise<unknown> = Promise.resolve()
  private isDone = false
  /** The request that it was called for, whoever iterates. */
  private readonly scope: RequestScope | undefined = currentRequestScope()

  constructor(
    private readonly home: HystrixHome,
    args: readonly unknown[],
    private readonly options: HystrixCallOptions | undefined,
  ) {
    const plan = home.plan(options)
    this.execution = new StreamExecution(plan, { run: home.resolved.run, args })
  }

  next(): Promise<IteratorResult<R, undefined>> {
    const step = this.last.then(() => this.inScope(() => this.step()))
    this.last = step.catch(() => undefined)
    return step as Promise<IteratorResult<R, undefined>>
  }

  async return(): Promise<IteratorResult<R, undefined>> {
    this.isDone = true
    if (this.hasBegun) await this.inScope(() => this.execution.stop())
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  get key(): string {
    return this.execution.key
  }
  get events(): readonly HystrixEvent[] {
    return this.execution.events
  }
  get eventCounts(): EventCounts {
    return this.execution.eventCounts
  }
  get latencyMs(): number {
    return this.execution.latencyMs
  }
  get totalLatencyMs(): number {
    return this.execution.totalLatencyMs
  }
  get isExecutedInThread(): boolean {
    return this.execution.isExecutedInThread
  }
  get isResponseFromCache(): boolean {
    return this.execution.isResponseFromCache
  }
  get executionError(): unknown {
    return this.execution.executionError
  }
  get failedExecutionError(): unknown {
    return this.execution.failedExecutionError
  }

  private inScope<T>(act: () => T): T {
    return this.scope === undefined ? act() : this.scope.run(act)
  }

  private async step(): Promise<IteratorResult<unknown>> {
    if (this.isDone) return { done: true, value: undefined }
    const refusal = this.begin()
    if (refusal !== undefined) throw this.ended(refusal.error)
    try {
      const step = await this.execution.step()
      if (step.done === true) this.isDone = true
      return step
    } catch (error) {
      throw this.ended(error)
    }
  }

  // Why it cannot, if it cannot.
  private begin(): { readonly error: unknown } | undefined {
    if (this.hasBegun) return undefined
    const { execution, options, home } = this
    // Only now is it known what the request has left for it.
    const budgetMs = budgetOf(options)
    const refusal = home.refusal(options, budgetMs)
    if (refusal !== undefined) return refusal
    this.hasBegun = true
    if (execution.properties['requestLog.enabled']) currentLog()?.add(this)
    execution.hear(options?.signal, budgetMs)
    return undefined
  }

  private ended(error: unknown): unknown {
    this.isDone = true
    return error
  }
}
