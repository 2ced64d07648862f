/**
 * What everybody may see of an execution that is under way.
 */
import type { EventCounts, HystrixEvent } from './core/events.js'
import { ExecutionRecord } from './core/events.js'
import type { ExecutionView } from './execution-view.js'

export abstract class WatchedExecution implements ExecutionView {
  readonly record: ExecutionRecord = new ExecutionRecord()

  abstract get key(): string
  get events(): readonly HystrixEvent[] {
    return this.record.events
  }
  get eventCounts(): EventCounts {
    return this.record.counts
  }
  get latencyMs(): number {
    return this.record.latencyMs
  }
  get totalLatencyMs(): number {
    return this.record.totalLatencyMs
  }
  get isExecutedInThread(): boolean {
    return this.record.isInThread
  }
  get isResponseFromCache(): boolean {
    return this.record.isFromCache
  }
  get executionError(): unknown {
    return this.record.executionError
  }
  get failedExecutionError(): unknown {
    return this.record.failedError
  }
}
