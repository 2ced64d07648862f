/**
 * The event types of Hystrix as one table, and the record of one execution: which of them it had, how often, and the
 * latencies that go with them (`HystrixEventType`, `ExecutionResult`).
 */

/** The name of an event type. */
export type HystrixEvent =
  | 'EMIT'
  | 'SUCCESS'
  | 'FAILURE'
  | 'TIMEOUT'
  | 'BAD_REQUEST'
  | 'SHORT_CIRCUITED'
  | 'THREAD_POOL_REJECTED'
  | 'SEMAPHORE_REJECTED'
  | 'FALLBACK_EMIT'
  | 'FALLBACK_SUCCESS'
  | 'FALLBACK_FAILURE'
  | 'FALLBACK_REJECTION'
  | 'FALLBACK_DISABLED'
  | 'FALLBACK_MISSING'
  | 'EXCEPTION_THROWN'
  | 'RESPONSE_FROM_CACHE'
  | 'CANCELLED'
  | 'COLLAPSED'
  | 'COMMAND_MAX_ACTIVE'

interface EventRow {
  /** It ends the execution. */
  readonly isTerminal?: true
  /** The metric EXCEPTION_THROWN counts it. */
  readonly throws?: true
  /** What the thread pool counts it as, when it ran in a thread or was refused one. */
  readonly pool?: 'executed' | 'rejected'
}

// In the order of Java's enum, which is the order of the event list of an execution.
const TABLE: Readonly<Record<HystrixEvent, EventRow>> = {
  EMIT: {},
  SUCCESS: { isTerminal: true, pool: 'executed' },
  FAILURE: { pool: 'executed' },
  TIMEOUT: { pool: 'executed' },
  BAD_REQUEST: { isTerminal: true, throws: true, pool: 'executed' },
  SHORT_CIRCUITED: {},
  THREAD_POOL_REJECTED: { pool: 'rejected' },
  SEMAPHORE_REJECTED: {},
  FALLBACK_EMIT: {},
  FALLBACK_SUCCESS: { isTerminal: true },
  FALLBACK_FAILURE: { isTerminal: true, throws: true },
  FALLBACK_REJECTION: { isTerminal: true, throws: true },
  FALLBACK_DISABLED: { isTerminal: true, throws: true },
  FALLBACK_MISSING: { isTerminal: true, throws: true },
  EXCEPTION_THROWN: {},
  RESPONSE_FROM_CACHE: { isTerminal: true },
  CANCELLED: { isTerminal: true },
  COLLAPSED: {},
  COMMAND_MAX_ACTIVE: {},
}

/** What each event type means, in the order of the event list. */
export const EVENTS: Readonly<Record<HystrixEvent, EventRow>> = Object.freeze(TABLE)

/** All event types, in the order of the event list. */
export const EVENT_NAMES: readonly HystrixEvent[] = Object.freeze(Object.keys(TABLE) as HystrixEvent[])

/** How often which event happened; those that did not are absent. */
export type EventCounts = Partial<Record<HystrixEvent, number>>

const PLACES = Object.fromEntries(EVENT_NAMES.map((event, place) => [event, place])) as Record<
  HystrixEvent,
  number
>

/** A set of event types, one bit for each. */
export type EventSet = number

/** The set of those types for which `is` holds. */
export function eventSet(is: (row: EventRow, event: HystrixEvent) => boolean): EventSet {
  return EVENT_NAMES.reduce((set, event) => (is(EVENTS[event], event) ? set | (1 << PLACES[event]) : set), 0)
}

const TERMINAL = eventSet(({ isTerminal }) => isTerminal === true)
const REJECTED = eventSet((_, event) => event === 'THREAD_POOL_REJECTED' || event === 'SEMAPHORE_REJECTED')

/** What became of one execution, as far as it got. */
export class ExecutionRecord {
  /** Milliseconds from the start of the run to the last event after it; −1: there was no start. */
  latencyMs = -1
  /** Milliseconds from the call to its end; −1: it was refused. */
  totalLatencyMs = -1
  /** When the run, or its wait in a queue, began; undefined before. */
  startedAt: number | undefined = undefined
  /** The run was really reached. */
  hasRun = false
  /** It was reached in a thread of a pool. */
  isInThread = false
  isFromCache = false
  /** Why there was no success. */
  executionError: unknown = undefined
  /** The same, when the run itself failed. */
  failedError: unknown = undefined
  private happened: EventSet = 0
  /** How often, for those that happened more than once. */
  private often: Map<HystrixEvent, number> | undefined = undefined

  /** Adds an event that happens at `now`; the last event decides on the latency, unless a bulkhead has refused. */
  add(event: HystrixEvent, now: number, times = 1): void {
    if (this.startedAt !== undefined && !this.isRejected) this.latencyMs = Math.trunc(now - this.startedAt)
    this.note(event, times)
  }

  /** Adds an event that changes no latency. */
  note(event: HystrixEvent, times = 1): void {
    const bit = 1 << PLACES[event]
    const before = (this.happened & bit) === 0 ? 0 : this.timesOf(event)
    this.happened |= bit
    if (before + times !== 1) (this.often ??= new Map()).set(event, before + times)
  }

  has(event: HystrixEvent): boolean {
    return (this.happened & (1 << PLACES[event])) !== 0
  }

  /** How often events of `set` happened. */
  countOf(set: EventSet): number {
    let sum = 0
    for (let left = this.happened & set; left !== 0; left &= left - 1) sum += this.timesOf(lowestOf(left))
    return sum
  }

  /** Adds what happened to `counts`. */
  addTo(counts: EventCounts): void {
    for (let left = this.happened; left !== 0; left &= left - 1) {
      const event = lowestOf(left)
      counts[event] = (counts[event] ?? 0) + this.timesOf(event)
    }
  }

  /** How often which event happened, as of now. */
  get counts(): EventCounts {
    const counts: EventCounts = {}
    this.addTo(counts)
    return counts
  }

  /** A bulkhead refused it. */
  get isRejected(): boolean {
    return (this.happened & REJECTED) !== 0
  }

  /** Whether one of its events ends an execution. */
  get isTerminated(): boolean {
    return (this.happened & TERMINAL) !== 0
  }

  /** The events that happened, each once, in the order of the table. */
  get events(): readonly HystrixEvent[] {
    const events: HystrixEvent[] = []
    for (let left = this.happened; left !== 0; left &= left - 1) events.push(lowestOf(left))
    return events
  }

  /** Why there was no success: the event that stands for it, and its error. */
  failed(event: HystrixEvent, error: unknown): void {
    this.executionError = error
    if (event === 'FAILURE') this.failedError = error
  }

  /** A record of the same events that was answered from a cache: it has no latency and ran nowhere. */
  fromCache(): ExecutionRecord {
    const copy = new ExecutionRecord()
    copy.happened = this.happened
    copy.often = this.often && new Map(this.often)
    copy.executionError = this.executionError
    copy.failedError = this.failedError
    copy.isFromCache = true
    if (!copy.has('RESPONSE_FROM_CACHE')) copy.note('RESPONSE_FROM_CACHE')
    return copy
  }

  private timesOf(event: HystrixEvent): number {
    return this.often?.get(event) ?? 1
  }
}

function lowestOf(set: EventSet): HystrixEvent {
  // Every bit of a set stands for a row.
  return EVENT_NAMES[31 - Math.clz32(set & -set)] as HystrixEvent
}

/** How many exceptions the callers of these executions saw, as the metric has it. */
export function exceptionsThrown(counts: EventCounts): number {
  let sum = 0
  for (const event of EVENT_NAMES) if (EVENTS[event].throws === true) sum += counts[event] ?? 0
  return sum
}
