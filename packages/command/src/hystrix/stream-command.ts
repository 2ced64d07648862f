/**
 * Commands that answer with a stream of values.
 */
import type { Bulkhead, CircuitBreaker } from '@breakwater/breaker'
import type { Call, FallbackCause, PolicyDescription } from '@breakwater/kernel'
import type { CommandSnapshot, CommandTotals } from '../command-shape.js'
import type { CommandEvents } from '../command-events.js'
import type { Same } from '../command-options.js'
import { readOnce } from './call-options.js'
import type { ExecutionView } from './execution-view.js'
import { HystrixFront } from './hystrix-front.js'
import type { HystrixCallOptions, HystrixMetrics } from './hystrix-home.js'
import { resolveHystrixOptions } from './read-options.js'
import type { HystrixCommonOptions, HystrixTuning } from './hystrix-options.js'
import { StreamValues } from './stream-values.js'

/** What a stream may come from. */
export type Streamed<R> = AsyncIterable<R> | Iterable<R>

/** The options of a stream command: those of the preset `hystrix`, which is the only one. */
export interface StreamCommandOptions<A extends unknown[], R, F = never> extends Omit<
  HystrixCommonOptions,
  'preset'
> {
  readonly preset?: 'hystrix' | undefined
  /** The work. */
  readonly run: (call: Call, ...args: A) => Streamed<R>
  /** Goes on in its place, after the values that came so far. Write it after `run`. */
  readonly fallback?: ((cause: FallbackCause, ...args: Same<A>) => Streamed<F>) | undefined
}

/** One execution, to be iterated over once. */
export interface StreamExecutionView<R> extends ExecutionView, AsyncIterableIterator<R> {
  [Symbol.asyncIterator](): StreamExecutionView<R>
}

/** The calls of a stream command. */
export interface StreamExecutable<A extends unknown[], R> {
  /** The values. The work begins when the first one is asked for; who leaves the loop cancels it. */
  execute(...args: A): StreamExecutionView<R>
}

/** A named function that answers with a stream, with what Hystrix does for one. */
export interface StreamCommand<A extends unknown[], R> extends StreamExecutable<A, R>, Disposable {
  readonly name: string
  readonly group: string | undefined
  readonly breaker: CircuitBreaker
  readonly bulkhead: Bulkhead
  /** Whether nothing runs in it, and its breaker is closed and holds no failure. */
  readonly isIdle: boolean
  /** Counters of its whole life, as they are at any moment: always the same object. */
  readonly totals: CommandTotals
  /** Time in milliseconds that `p` percent (0 to 100) of the executions of about the last 10 s did not exceed; `undefined` without any. */
  percentile(p: number): number | undefined
  /** The same command, with a signal or a budget for the calls made through it. */
  with(options: HystrixCallOptions): StreamExecutable<A, R>
  metrics(): HystrixMetrics
  snapshot(): CommandSnapshot
  describe(): PolicyDescription[]
  /** @throws InvalidOptionsError */
  update(options: HystrixTuning): void
  on<E extends keyof CommandEvents>(event: E, listener: (payload: CommandEvents[E]) => void): () => void
  dispose(): void
}

/**
 * Makes a stream command. It is isolated by semaphore unless a property says otherwise, each value counts as `EMIT`, and
 * its time is that of the first value. Values are handed over at the pace of who iterates; leaving the loop cancels the
 * work: its iterator is closed, and the execution counts as `CANCELLED`.
 *
 * @throws InvalidOptionsError with every fault of the options.
 *
 * @example
 * ```ts
 * import { createStreamCommand } from '@breakwater/command'
 *
 * const countTo = createStreamCommand({
 *   name: 'CountTo',
 *   run: async function* (_call, end: number) {
 *     for (let number = 1; number <= end; number++) yield number
 *   },
 * })
 * const execution = countTo.execute(3)
 * for await (const number of execution) console.log(number) // 1, 2, 3
 * console.log(execution.eventCounts) // { EMIT: 3, SUCCESS: 1 }
 * countTo.dispose()
 * ```
 */
export function createStreamCommand<A extends unknown[], R, F = never>(
  options: StreamCommandOptions<A, R, F>,
): StreamCommand<A, R | F> {
  return new PresetStream<A, R | F>(options)
}

class PresetStream<A extends unknown[], R> extends HystrixFront implements StreamCommand<A, R> {
  constructor(options: unknown) {
    super(resolveHystrixOptions(options, 'createStreamCommand'))
  }

  execute(...args: A): StreamExecutionView<R> {
    return new StreamValues<R>(this.home, args, undefined)
  }

  with(options: HystrixCallOptions): StreamExecutable<A, R> {
    const said = readOnce(options)
    return { execute: (...args) => new StreamValues<R>(this.home, args, said) }
  }
}
