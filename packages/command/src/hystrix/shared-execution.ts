/**
 * One execution that several callers of a request share by its cache key. Each has a promise and an abort of its own;
 * the execution is cancelled when the last of them has gone. Answers, errors and answers of fallbacks are all kept, as in
 * `HystrixCachedObservable`.
 */
import { DeadlineExceededError, SharedRun } from '@breakwater/kernel'
import type { Cancel } from '@breakwater/kernel'
import type { EventCounts, HystrixEvent } from './core/events.js'
import { ExecutionRecord } from './core/events.js'
import type { ExecutionView, HystrixExecution } from './execution-view.js'
import type { ValueExecution } from './value-execution.js'

const NOTHING_YET = new ExecutionRecord()

/** The shared one. */
export class SharedExecution {
  private waiting = 0
  private readonly run = new SharedRun()

  constructor(
    readonly origin: ValueExecution,
    /** The last caller has gone before there was an answer: the next one is to run again. */
    private readonly forget: () => void,
  ) {}

  /** Begins it; what is returned is for the {@link join} of whoever does. */
  start(): () => void {
    const unwait = this.run.begin()
    this.run.work(() => this.origin.start(undefined))
    const ended = (): void => this.run.end()
    this.origin.result.then(ended, ended)
    return unwait
  }

  /**
   * That one more caller may wait for it; what is returned is for his {@link join}.
   *
   * @throws CircularWaitError when it is itself what asks.
   */
  check(): () => void {
    return this.run.join(this.origin.key)
  }

  /** A promise of the answer for one more caller, until its signal aborts or its own time is over: then he calls `unwait`. */
  join(unwait: () => void, signal: AbortSignal | undefined, budgetMs: number = Infinity): Promise<unknown> {
    this.waiting++
    return new Promise((resolve, reject) => {
      let untime: Cancel | undefined = undefined
      const settled = (): void => {
        this.waiting--
        signal?.removeEventListener('abort', left)
        untime?.()
      }
      const leave = (reason: unknown): void => {
        settled()
        unwait()
        reject(reason)
        this.leave(reason)
      }
      const left = (): void => leave(signal?.reason)
      untime = this.scheduled(budgetMs, leave)
      signal?.addEventListener('abort', left, { once: true })
      this.origin.result.then(
        (value) => {
          settled()
          resolve(value)
        },
        (error: unknown) => {
          settled()
          reject(error)
        },
      )
      // What has begun by now is foreign code: it may have aborted the call.
      if (signal?.aborted === true) left()
    })
  }

  /** Tells `leave` when the time of one caller is over, if it has an end. */
  private scheduled(budgetMs: number, leave: (reason: unknown) => void): Cancel | undefined {
    if (budgetMs === Infinity || this.origin.isOver) return undefined
    const { key, plan } = this.origin
    const { clock } = plan.key.definition
    const over = (): void =>
      leave(new DeadlineExceededError(`${key}: no answer within the ${String(budgetMs)} ms of this call`))
    return clock.schedule(clock.now() + budgetMs, over)
  }

  private leave(reason: unknown): void {
    if (this.waiting > 0 || this.origin.isOver) return
    this.forget()
    this.origin.cancel(reason)
  }
}

/** The execution as the caller sees it who began it: with a promise of his own. */
export class JoinedView implements HystrixExecution<unknown> {
  constructor(
    private readonly origin: ExecutionView,
    readonly result: Promise<unknown>,
  ) {}

  get key(): string {
    return this.origin.key
  }
  get events(): readonly HystrixEvent[] {
    return this.origin.events
  }
  get eventCounts(): EventCounts {
    return this.origin.eventCounts
  }
  get latencyMs(): number {
    return this.origin.latencyMs
  }
  get totalLatencyMs(): number {
    return this.origin.totalLatencyMs
  }
  get isExecutedInThread(): boolean {
    return this.origin.isExecutedInThread
  }
  get isResponseFromCache(): boolean {
    return this.origin.isResponseFromCache
  }
  get executionError(): unknown {
    return this.origin.executionError
  }
  get failedExecutionError(): unknown {
    return this.origin.failedExecutionError
  }
}

/** An execution as the caller sees it who gets the answer of another one: what became of that is his when it is over. */
export class CachedView implements HystrixExecution<unknown> {
  readonly totalLatencyMs = -1
  readonly isExecutedInThread = false

  constructor(
    readonly key: string,
    private readonly origin: ValueExecution,
    readonly result: Promise<unknown>,
  ) {}

  private get record(): ExecutionRecord {
    const { isOver, record } = this.origin
    return (isOver ? record : NOTHING_YET).fromCache()
  }
  get events(): readonly HystrixEvent[] {
    return this.record.events
  }
  get eventCounts(): EventCounts {
    return this.record.counts
  }
  get latencyMs(): number {
    return -1
  }
  get isResponseFromCache(): boolean {
    return true
  }
  get executionError(): unknown {
    return this.record.executionError
  }
  get failedExecutionError(): unknown {
    return this.record.failedError
  }
}
