/**
 * The circuit breaker: stops calling what keeps failing, tries again in a measured way, and tells about it. This is
 * the shell; the decisions are in `core/machine.ts`, the place in a pipeline in `gate.ts`.
 */
import { PolicyBase, readOptions } from '@breakwater/kernel'
import type { BreakerState, CircuitOpenError, MonotonicMs, Stage } from '@breakwater/kernel'
import { copyOptions } from '../common-options.js'
import { resolveCircuitBreakerOptions } from './circuit-breaker-options.js'
import type { CircuitBreakerOptions, ResolvedCircuitBreaker } from './circuit-breaker-options.js'
import type { HystrixHealth } from './core/health.js'
import type { ForcedState } from './core/machine-data.js'
import type { BreakerStats } from './core/trip-rule.js'
import { Gate } from './gate.js'
import type { CircuitBreakerEvents } from './gate.js'
import type { RecentLatencies } from './latencies.js'
import { healthOf, look } from './hystrix-view.js'
import { breakerInstrument } from './instrument.js'
import { Permit } from './permit.js'
import { agedBy, savedAt } from './saved-breaker.js'
import type { SavedBreaker } from './saved-breaker.js'
import { callSync } from './sync-call.js'

/** The options that can be changed while the breaker works. */
export type CircuitBreakerUpdate = Pick<
  CircuitBreakerOptions,
  'trip' | 'openMs' | 'probes' | 'ramp' | 'classify' | 'captureStack'
>

/** A breaker at one moment. */
export interface CircuitBreakerSnapshot extends BreakerStats {
  readonly name: string | undefined
  readonly state: BreakerState
  /** Milliseconds in this state. */
  readonly inStateMs: number
  /** Milliseconds until a call may be admitted; 0 when it may be now, `Infinity` while forced open. */
  readonly retryAfterMs: number
  /** Calls refused so far. */
  readonly rejections: number
  readonly latency: RecentLatencies
  /** What Hystrix shows, also as the counts above; only with `compat`. */
  readonly health?: HystrixHealth
}

const UPDATABLE = ['trip', 'openMs', 'probes', 'ramp', 'classify', 'captureStack'] as const
const NESTED = ['trip', 'probes', 'ramp'] as const

/**
 * A circuit breaker. Closed, it watches how calls end; when a trip rule is fulfilled it opens and refuses calls with
 * `CircuitOpenError`; after its open time it lets a few leased trials through, and closes when enough of them succeed.
 *
 * Failures and timeouts count; rejections of other policies, cancelled calls and ignored errors do not. Only the
 * results of calls that the present state admitted are heard. It needs no timer and no `dispose` unless it is named.
 *
 * With `compat` it is a breaker of Hystrix instead (HystrixCircuitBreaker.java): it sees only closed health buckets, and
 * rejections count. In those of 1.5.18 and 1.5.13 late results move it; `'hystrix'` is moved by its leased trial alone.
 *
 * @throws InvalidOptionsError with every fault of the options.
 *
 * @example
 * ```ts
 * import { CircuitBreaker, errorRate } from '@breakwater/breaker'
 *
 * const breaker = new CircuitBreaker({ trip: errorRate({ percent: 50, volume: 20 }), openMs: 5_000 })
 * breaker.on('transition', ({ from, to, reason }) => console.log(from, to, reason))
 * const answer = await breaker.execute(async () => 'hello')
 * console.log(answer, breaker.state) // hello closed
 * ```
 */
export class CircuitBreaker extends PolicyBase implements Disposable {
  private readonly gate: Gate
  private readonly unregister: (() => void) | undefined

  constructor(private given: CircuitBreakerOptions | undefined = undefined) {
    super()
    const copy = copyOptions(given, NESTED)
    const resolved = resolveCircuitBreakerOptions(copy)
    const { clock, restore, runtime } = resolved
    this.gate = new Gate(resolved)
    this.given = copy === undefined ? undefined : { ...copy, restore: undefined }
    if (restore !== undefined) this.gate.machine.restore(agedBy(restore, clock.epochNow()), clock.now())
    this.gate.announce()
    this.unregister = runtime?.register(breakerInstrument(this.gate))
  }

  /** @internal */
  get stage(): Stage {
    const { clock, name } = this.gate.options
    return {
      slot: 'breaker',
      part: this.gate,
      clock,
      describe: () => ({ kind: 'circuit-breaker', name, options: rulesOf(this.gate.options) }),
    }
  }

  get name(): string | undefined {
    return this.gate.options.name
  }

  /**
   * The state now. An open breaker whose open time is over stays `open` until a call comes. With `compat` this is a look
   * at the breaker, by which that of 1.5.18 opens when its rule is fulfilled, as by `isOpen()` there.
   */
  get state(): BreakerState {
    look(this.gate)
    return this.gate.machine.state
  }

  /** Admits a call by hand, or answers why not; never throws. */
  tryAcquire(): Permit | CircuitOpenError {
    const permit = new Permit(this.gate, this.now())
    return this.gate.enter(permit, Infinity) ?? permit
  }

  /**
   * Admits or refuses a call by hand, for those who can tell the end of a refused call too: its fallback's. The permit's
   * `refusal` says why not; settle it in either case. Hystrix 1.5.13 hears that end, all others do not care.
   */
  begin(): Permit {
    return Permit.begin(this.gate, this.now())
  }

  /**
   * Runs a synchronous function under the breaker. Throws `CircuitOpenError`, or what the function throws. What it
   * returns counts as the answer, also a promise: for work that answers later there is `execute`.
   */
  executeSync<R>(fn: () => R): R {
    return callSync(this.gate, this.runner(), fn)
  }

  /** Refuses every call until `release`. Wins over `forceClosed`. */
  forceOpen(reason = 'forced open'): void {
    this.force('forced-open', reason)
  }

  /** Admits every call until `release`, and goes on counting. */
  forceClosed(reason = 'forced closed'): void {
    this.force('forced-closed', reason)
  }

  /** Admits every call until `release`, and counts nothing; with `compat` health is counted all the same, as in Hystrix. */
  disable(reason = 'disabled'): void {
    this.force('disabled', reason)
  }

  /** Admits every call until `release`, counts, and never trips. */
  observeOnly(reason = 'observed only'): void {
    this.force('metrics-only', reason)
  }

  /**
   * Ends a forced state: the counts of the window decide between open and closed. With `compat` it is in the state that
   * it has come to underneath.
   */
  release(): void {
    this.gate.machine.release(this.now())
    this.gate.announce()
  }

  /**
   * Opens for exactly `ms`, such as a server's Retry-After. Does nothing while a state is forced.
   *
   * @throws InvalidOptionsError when `ms` is no duration.
   */
  openFor(ms: number, reason = 'opened for a time'): void {
    const read = readOptions('openFor', { ms }, ['ms'])
    const openMs = read.durationMs('ms', 0)
    if (!read.has('ms')) read.issue('ms', ms, 'a number of milliseconds')
    read.finish()
    this.gate.machine.openFor(openMs, reason, this.now())
    this.gate.announce()
  }

  /** Closed, with empty windows, whatever the state. */
  reset(): void {
    this.gate.machine.reset(this.now())
    this.gate.announce()
  }

  snapshot(): CircuitBreakerSnapshot {
    look(this.gate)
    const { machine, rejections, options } = this.gate
    const now = this.now()
    const health = healthOf(this.gate)
    return {
      name: options.name,
      state: machine.state,
      inStateMs: now - machine.since,
      retryAfterMs: machine.waitMs(now),
      rejections,
      ...machine.stats(now),
      latency: this.gate.latencies(now),
      ...(health === undefined ? {} : { health }),
    }
  }

  /** The state as plain JSON, for `restore` of another breaker, perhaps in a later process. */
  save(): SavedBreaker {
    look(this.gate)
    return savedAt(this.gate.options.clock.epochNow(), this.gate.machine.save(this.now()))
  }

  /**
   * Changes options from the next call on: all of them or, when one is wrong, none. What is given replaces the option
   * as a whole, and `undefined` stands for the default. Counts are kept, and so is an open time that has begun.
   *
   * @throws InvalidOptionsError
   */
  update(options: CircuitBreakerUpdate): void {
    const changes = copyOptions(options, NESTED)
    readOptions('CircuitBreaker.update', changes, UPDATABLE).finish()
    const given = { ...this.given, ...changes }
    const resolved = resolveCircuitBreakerOptions(given)
    // Before anyone is told, who may change more.
    this.given = given
    this.gate.reconfigure(resolved)
  }

  /** Subscribes; returns the function that unsubscribes. Listeners can change nothing about a call. */
  on<E extends keyof CircuitBreakerEvents>(
    event: E,
    listener: (payload: CircuitBreakerEvents[E]) => void,
  ): () => void {
    return this.gate.emitter().on(event, listener)
  }

  /** Removes the instrument and all listeners. The breaker itself goes on working. */
  dispose(): void {
    this.unregister?.()
    this.gate.emitter().clear()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private force(state: ForcedState, reason: string): void {
    this.gate.machine.force(state, reason, this.now())
    this.gate.announce()
  }

  private now(): MonotonicMs {
    return this.gate.options.clock.now()
  }
}

function rulesOf({ config }: ResolvedCircuitBreaker): object {
  return config.hystrix ?? config
}
