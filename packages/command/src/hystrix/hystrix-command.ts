/**
 * A command of the preset `hystrix`: what Hystrix did for one call, step by step, with its properties and numbers.
 */
import type { Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import { identify } from '@breakwater/kernel'
import type { Outcome } from '@breakwater/kernel'
import type { Command, Executable } from '../command-shape.js'
import { readOnce } from './call-options.js'
import { ExecutionRecord } from './core/events.js'
import type { ExecutionView, HystrixExecution } from './execution-view.js'
import { HystrixFront } from './hystrix-front.js'
import type { HystrixCallOptions, HystrixMetrics } from './hystrix-home.js'
import { resolveHystrixOptions } from './read-options.js'
import type { HystrixTuning } from './hystrix-options.js'
import { outcomeOfResult } from './outcome-of-result.js'
import { currentLog, sharedAnswers } from './request-context.js'
import { CachedView, JoinedView, SharedExecution } from './shared-execution.js'
import { commandFailed, ValueExecution } from './value-execution.js'

/** The calls of such a command. */
export interface HystrixExecutable<A extends unknown[], R> extends Executable<A, R> {
  /** Begins, and gives the execution with all that can be known of it; its `result` is what `execute` gives. */
  start(...args: A): HystrixExecution<R>
}

/** A named function with what Hystrix does for one. */
export interface HystrixCommand<A extends unknown[], R> extends Command<A, R>, HystrixExecutable<A, R> {
  readonly breaker: CircuitBreaker
  /** The bulkhead of its pool, or of its own semaphore. */
  readonly bulkhead: Bulkhead
  with(options: HystrixCallOptions): HystrixExecutable<A, R>
  /** The numbers that Hystrix's dashboard shows. With `compat`, streams begin at the first of these reads. */
  metrics(): HystrixMetrics
  /**
   * Changes properties from the next call on: all or, when one is wrong, none; `undefined` takes back what the code has said.
   * They are those of the name, so of all its commands.
   *
   * @throws InvalidOptionsError
   */
  update(options: HystrixTuning): void
}

/** Makes one; `createCommand` is the front door. */
export function createHystrixCommand<A extends unknown[], R>(options: unknown): HystrixCommand<A, R> {
  return new PresetCommand<A, R>(options)
}

class PresetCommand<A extends unknown[], R> extends HystrixFront implements HystrixCommand<A, R> {
  constructor(options: unknown) {
    super(resolveHystrixOptions(options, 'createCommand'))
  }

  start(...args: A): HystrixExecution<R> {
    return this.begin(args, undefined)
  }

  execute(...args: A): Promise<R> {
    return this.begin(args, undefined).result
  }

  outcome(...args: A): Promise<Outcome<R>> {
    return outcomeOfResult(this.begin(args, undefined), undefined)
  }

  with(options: HystrixCallOptions): HystrixExecutable<A, R> {
    const said = readOnce(options)
    return {
      start: (...args) => this.begin(args, said),
      execute: (...args) => this.begin(args, said).result,
      outcome: (...args) => outcomeOfResult(this.begin(args, said), said?.signal),
    }
  }

  private begin(args: A, options: HystrixCallOptions | undefined): HystrixExecution<R> {
    const { home } = this
    const plan = home.plan(options)
    const execution = new ValueExecution(plan, { run: home.resolved.run, args })
    const refusal = home.refusal(options, plan.budgetMs)
    // The types of the answer are those of the options, which the compiler has seen.
    if (refusal !== undefined) return execution.refuse(refusal.error) as HystrixExecution<R>
    const signal = options?.signal
    const shared = this.shared(execution, args, signal)
    if (shared !== undefined) return shared as HystrixExecution<R>
    log(execution, execution)
    return execution.start(signal) as HystrixExecution<R>
  }

  // The cache comes before everything else, the circuit too.
  private shared(
    execution: ValueExecution,
    args: A,
    signal: AbortSignal | undefined,
  ): HystrixExecution<unknown> | undefined {
    const { cacheKey } = this.home.resolved
    if (cacheKey === undefined || !execution.properties['requestCache.enabled']) return undefined
    try {
      const key = identify(cacheKey(...args))
      // What made the key is foreign code: it may have aborted the call.
      const refusal = this.home.refusal({ signal }, Infinity)
      if (refusal !== undefined) return execution.refuse(refusal.error)
      if (key === undefined) return undefined
      const answers = sharedAnswers(this.name)
      const known = answers.get(key)
      if (known !== undefined) {
        const unwait = known.check()
        return this.hit(execution, known, (budgetMs) => known.join(unwait, signal, budgetMs))
      }
      const shared: SharedExecution = new SharedExecution(execution, () => {
        // Once it was cleared, the answer of another may be there.
        if (answers.get(key) === shared) answers.delete(key)
      })
      answers.set(key, shared)
      log(execution, execution)
      const unwait = shared.start()
      return new JoinedView(execution, shared.join(unwait, signal))
    } catch (error) {
      log(execution, execution)
      return execution.refuse(this.home.counted('failure', commandFailed(this.name, error)).error)
    }
  }

  private hit(
    execution: ValueExecution,
    known: SharedExecution,
    join: (budgetMs: number) => Promise<unknown>,
  ): HystrixExecution<unknown> {
    const { key, plugins } = execution.plan
    const view = new CachedView(this.name, known.origin, join(execution.plan.budgetMs))
    log(view, execution)
    plugins.tell('onCacheHit', view)
    const ended = (): void => {
      const record = new ExecutionRecord()
      record.note('RESPONSE_FROM_CACHE')
      plugins.mark('RESPONSE_FROM_CACHE', this.name)
      key.streams.ended(record, key.definition.clock.now())
    }
    view.result.then(ended, ended)
    return view
  }
}

function log(view: ExecutionView, { properties }: ValueExecution): void {
  if (properties['requestLog.enabled']) currentLog()?.add(view)
}
