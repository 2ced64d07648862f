/**
 * What a request did, in the words of `HystrixRequestLog`: `GetUser[SUCCESS][12ms], Ads[TIMEOUT, FALLBACK_SUCCESS][100ms]x2`,
 * and `GetUser[Executed][0ms]` of one that nothing is known of so far.
 */
import type { EventCounts, HystrixEvent } from './events.js'

/** An execution as the log shows it; its events may still be growing. */
export interface LoggedExecution {
  readonly key: string
  readonly events: readonly HystrixEvent[]
  readonly eventCounts: EventCounts
  readonly latencyMs: number
}

/** More executions than these are not logged, as in Hystrix. */
export const MAX_LOGGED_EXECUTIONS = 1_000

/** The log of one request, in the order in which executions began. */
export class RequestLog {
  private readonly logged: LoggedExecution[] = []
  private lost = 0

  /** The executions, oldest first; at most 1 000. */
  get executed(): readonly LoggedExecution[] {
    return [...this.logged]
  }

  /** Executions that came when the log was full. */
  get dropped(): number {
    return this.lost
  }

  /** Adds one; `false` when the log is full. */
  add(execution: LoggedExecution): boolean {
    if (this.logged.length < MAX_LOGGED_EXECUTIONS) {
      this.logged.push(execution)
      return true
    }
    this.lost++
    return false
  }

  /** One entry per command and events, in the order of their first; equal ones are counted and their latencies added up. */
  toString(): string {
    const entries = new Map<string, { count: number; latencyMs: number }>()
    for (const execution of this.logged) {
      const events = execution.events.map((event) => shown(event, execution)).join(', ')
      const text = `${execution.key}[${events === '' ? 'Executed' : events}]`
      const entry = entries.get(text) ?? { count: 0, latencyMs: 0 }
      entry.count++
      entry.latencyMs += Math.max(0, execution.latencyMs)
      entries.set(text, entry)
    }
    return [...entries]
      .map(
        ([text, { count, latencyMs }]) =>
          `${text}[${String(latencyMs)}ms]${count > 1 ? `x${String(count)}` : ''}`,
      )
      .join(', ')
  }
}

function shown(event: HystrixEvent, { eventCounts }: LoggedExecution): string {
  const count = eventCounts[event] ?? 1
  // As recorded: the batch of three requests is COLLAPSED, without a count.
  const isCounted = event === 'EMIT' || event === 'FALLBACK_EMIT'
  return isCounted && count > 1 ? `${event}x${String(count)}` : event
}
