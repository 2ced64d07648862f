/**
 * One execution of a command as everybody may see it, while it goes on and afterwards.
 */
import type { EventCounts, HystrixEvent } from './core/events.js'

/** What became of one execution so far (Hystrix: the getters of `AbstractCommand`). */
export interface ExecutionView {
  /** The name of the command. */
  readonly key: string
  /** The events that happened, each once, in the order of Hystrix's enum and not of time. */
  readonly events: readonly HystrixEvent[]
  /** How often each of them happened; only emits and `COLLAPSED` can be more than 1. */
  readonly eventCounts: EventCounts
  /** Whole milliseconds from the admission, with the wait for a thread, to the last event; −1 when nothing was begun. */
  readonly latencyMs: number
  /** Whole milliseconds from the call to its end; −1 until then, and for one that was refused. */
  readonly totalLatencyMs: number
  /** Whether the work ran in a thread of a pool. */
  readonly isExecutedInThread: boolean
  readonly isResponseFromCache: boolean
  /** Why there was no success; `undefined` when there was one. */
  readonly executionError: unknown
  /** The same, but only for an error of the work itself. */
  readonly failedExecutionError: unknown
}

/** An execution with its answer. */
export interface HystrixExecution<R> extends ExecutionView {
  /** What `execute` gives. */
  readonly result: Promise<R>
}
