/**
 * What a command is to those who use it, whatever preset it has.
 */
import type {
  AdaptiveLimiter,
  AdaptiveLimiterSnapshot,
  Bulkhead,
  BulkheadSnapshot,
  CircuitBreaker,
  CircuitBreakerSnapshot,
  RateLimiterSnapshot,
} from '@breakwater/breaker'
import type { CallOptions, CommandReading, Outcome, PolicyDescription } from '@breakwater/kernel'
import type { CommandEvents } from './command-events.js'
import type { CommandTuning } from './command-options.js'

/** A command at one moment. Counters are of its whole life, latencies of about the last 10 s. */
export interface CommandSnapshot extends Omit<CommandReading, 'latency'> {
  readonly name: string
  readonly group: string | undefined
  readonly attemptTimeoutMs: number | undefined
  /** In milliseconds; zeros when there were none. */
  readonly latency: CircuitBreakerSnapshot['latency']
  readonly breaker: CircuitBreakerSnapshot | undefined
  readonly bulkhead: BulkheadSnapshot | AdaptiveLimiterSnapshot | undefined
  /** Absent without a rate limit. */
  readonly rate?: RateLimiterSnapshot | undefined
}

/** Counters that only grow. */
export type CommandTotals = Pick<CommandReading, 'executions' | 'fallbacks' | 'exceptionsThrown'>

/** The calls of a command. One made in a request with a limit of time (see `withRequestContext`) ends with it at the latest. */
export interface Executable<A extends unknown[], R> {
  /** Runs it; rejects as a policy does. */
  execute(...args: A): Promise<R>
  /** Runs it; every end is a value. */
  outcome(...args: A): Promise<Outcome<R>>
}

/** A named function under policies. */
export interface Command<A extends unknown[], R> extends Executable<A, R>, Disposable {
  readonly name: string
  readonly group: string | undefined
  /** Its breaker, unless it has none. */
  readonly breaker: CircuitBreaker | undefined
  /** Its bulkhead, or the adaptive limiter that stands in its place, unless it has none. */
  readonly bulkhead: Bulkhead | AdaptiveLimiter | undefined
  /**
   * Whether nothing runs in it and its own breaker is closed, holds no failure and is not just coming back: then it can
   * be disposed of and made again without forgetting anything.
   */
  readonly isIdle: boolean
  /** The same command, with a signal or a budget for the calls made through it; that of the request counts where it is smaller. */
  with(options: CallOptions): Executable<A, R>
  snapshot(): CommandSnapshot
  /** Counters of its whole life, as they are at any moment: always the same object, and nothing is made to read it. */
  readonly totals: CommandTotals
  /**
   * Run time in milliseconds that `p` percent (0 to 100) of the attempts of about the last 10 s did not exceed; `undefined`
   * when there were none. Cheap enough to be asked for each call.
   */
  percentile(p: number): number | undefined
  /** Its policies, outermost first. */
  describe(): PolicyDescription[]
  /**
   * Changes options from the next call on: all or, when one is wrong, none. Breaker and bulkhead keep their state.
   *
   * @throws InvalidOptionsError
   */
  update(options: CommandTuning): void
  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof CommandEvents>(event: E, listener: (payload: CommandEvents[E]) => void): () => void
  /** Removes its instruments and listeners. Shared policies stay as they are. */
  dispose(): void
}
