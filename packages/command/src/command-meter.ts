/**
 * Counts what the callers of a command saw: plain numbers, read when somebody asks.
 */
import type { CircuitBreakerSnapshot } from '@breakwater/breaker'
import { endedAs, reportInternalError, RollingLatency } from '@breakwater/kernel'
import type {
  Emitter,
  ExecutionOutcome,
  FailedOutcome,
  FallbackOutcome,
  LatencyHistogram,
  MeterPart,
  Outcome,
} from '@breakwater/kernel'

/** What a command tells about its executions. */
export interface ExecutionEvents {
  /** A call ended, before any fallback. `durationMs`: of its last attempt, when it ran and the clock was read. */
  execution: {
    readonly outcome: ExecutionOutcome
    readonly durationMs: number | undefined
    readonly error: unknown
  }
  /** What the fallback did. */
  fallback: { readonly outcome: FallbackOutcome }
}

const LATENCY_WINDOW_MS = 10_000

export class CommandMeter implements MeterPart {
  begun = 0
  events: Emitter<ExecutionEvents> | null = null
  exceptionsThrown = 0
  readonly latency: RollingLatency
  readonly executions: Record<ExecutionOutcome, number> = {
    success: 0,
    failure: 0,
    timeout: 0,
    short_circuited: 0,
    semaphore_rejected: 0,
    bad_request: 0,
    cancelled: 0,
  }
  readonly fallbacks: Record<FallbackOutcome, number> = { success: 0, failure: 0, rejected: 0, missing: 0 }

  constructor(
    private readonly ignore: ((error: unknown) => boolean) | undefined,
    private readonly now: () => number,
  ) {
    this.latency = new RollingLatency(LATENCY_WINDOW_MS, now())
  }

  get inFlight(): number {
    const { executions } = this
    return this.begun - Object.values(executions).reduce((sum, count) => sum + count, 0)
  }

  started(): void {
    this.begun++
  }

  kindOf(error: unknown): FailedOutcome['kind'] {
    const { ignore } = this
    const said = endedAs(error)
    if (said !== undefined) return said
    if (ignore === undefined) return 'failure'
    try {
      return ignore(error) === true ? 'ignored' : 'failure'
    } catch (thrown) {
      reportInternalError(thrown, 'ignore')
      return 'failure'
    }
  }

  succeeded(durationMs: number | undefined, now: number): void {
    this.executions.success++
    if (durationMs !== undefined) this.measure(durationMs, now)
    if (this.events !== null)
      this.events.emit('execution', { outcome: 'success', durationMs, error: undefined })
  }

  ended(outcome: Outcome<unknown>, policy: string | undefined, durationMs: number | undefined): void {
    const counted = executionOutcome(outcome, policy)
    this.executions[counted]++
    if (durationMs !== undefined && outcome.kind !== 'cancelled') this.measure(durationMs, this.now())
    if (this.events === null) return
    const error = outcome.kind === 'success' ? undefined : outcome.error
    this.events.emit('execution', { outcome: counted, durationMs, error })
  }

  answered(how: FallbackOutcome): void {
    this.fallbacks[how]++
    if (this.events !== null) this.events.emit('fallback', { outcome: how })
  }

  threw(): void {
    this.exceptionsThrown++
  }

  /** All latencies so far. */
  get totalLatency(): LatencyHistogram {
    return this.latency.cumulative
  }

  /** A summary of the latencies of about the last 10 s. */
  recentLatency(now: number): CircuitBreakerSnapshot['latency'] {
    const window = this.latency.window(now)
    const [p50 = 0, p90 = 0, p99 = 0] = window.percentiles([50, 90, 99])
    return { count: window.count, p50, p90, p99, max: window.maxMs }
  }

  private measure(durationMs: number, now: number): void {
    this.latency.rotate(now)
    this.latency.record(durationMs)
  }
}

function executionOutcome(outcome: Outcome<unknown>, policy: string | undefined): ExecutionOutcome {
  switch (outcome.kind) {
    case 'success':
    case 'failure':
    case 'timeout':
    case 'cancelled':
      return outcome.kind
    case 'ignored':
      return 'bad_request'
    case 'rejected':
      return policy === 'breaker' ? 'short_circuited' : 'semaphore_rejected'
  }
}
