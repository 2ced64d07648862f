/**
 * Where named policies and commands register their instruments, so that an exporter finds them without being told.
 */
import type { MonotonicMs } from './clock.js'
import { Configuration } from './configuration.js'
import type { ConfigurationChange, ConfigurationSource } from './configuration.js'
import { Emitter } from './events.js'
import type { BreakerState, Instrument } from './instrument.js'
import { reportInternalError } from './internal-errors.js'
import { invalidArgument } from './invalid-options-error.js'
import { processWide } from './process-wide.js'

/** More instruments than this are not registered: their names were surely made from input. */
export const MAX_INSTRUMENTS = 100_000

/** A named breaker changed its state. */
export interface RuntimeTransition {
  readonly name: string
  readonly group?: string | undefined
  readonly from: BreakerState
  readonly to: BreakerState
  readonly reason: string
  readonly at: MonotonicMs
}

export interface RuntimeEvents {
  registered: Instrument
  removed: Instrument
  transition: RuntimeTransition
  /** The configuration has changed; what reads it does so with its next call. */
  configured: ConfigurationChange
}

/** A set of instruments. A process has one by default; more are for tests and for separate tenants. */
export interface Runtime {
  /** All registered instruments, in the order of their registration. */
  instruments(): Iterable<Instrument>
  /** Adds one; the returned function removes it. */
  register(instrument: Instrument): () => void
  /** Instruments that were not registered because there are too many. */
  readonly dropped: number
  on<E extends keyof RuntimeEvents>(event: E, listener: (payload: RuntimeEvents[E]) => void): () => void
  /**
   * Adds a source of configuration, in front of those before it; the returned function removes it.
   *
   * @throws InvalidOptionsError when it is none.
   */
  configure(source: ConfigurationSource): () => void
  /** @internal */
  readonly configuration: Pick<Configuration, 'get' | 'version'>
  /** @internal */
  emit<E extends keyof RuntimeEvents>(event: E, payload: RuntimeEvents[E]): void
  /** Forgets all instruments and listeners. */
  dispose(): void
  [Symbol.dispose](): void
}

class InstrumentSet implements Runtime {
  dropped = 0
  private readonly registered = new Set<Instrument>()
  readonly configuration: Configuration = new Configuration()
  private readonly events = new Emitter<RuntimeEvents>()

  constructor() {
    this.hearConfiguration()
  }

  instruments(): Iterable<Instrument> {
    return [...this.registered]
  }

  register(instrument: Instrument): () => void {
    if (this.registered.size >= MAX_INSTRUMENTS) {
      this.dropped++
      const problem = `more than ${String(MAX_INSTRUMENTS)} named policies: dispose those that are no longer used`
      reportInternalError(new RangeError(problem), 'runtime.register')
      return () => {}
    }
    this.registered.add(instrument)
    this.events.emit('registered', instrument)
    return () => {
      if (this.registered.delete(instrument)) this.events.emit('removed', instrument)
    }
  }

  on<E extends keyof RuntimeEvents>(event: E, listener: (payload: RuntimeEvents[E]) => void): () => void {
    return this.events.on(event, listener)
  }

  emit<E extends keyof RuntimeEvents>(event: E, payload: RuntimeEvents[E]): void {
    this.events.emit(event, payload)
  }

  configure(source: ConfigurationSource): () => void {
    const { get, onChange } = source ?? {}
    if (typeof get !== 'function' || typeof onChange !== 'function') {
      const issue = { path: 'source', received: source, expected: 'a source of configuration' }
      throw invalidArgument('runtime.configure', issue)
    }
    return this.configuration.add(source)
  }

  dispose(): void {
    this.registered.clear()
    this.events.clear()
    this.configuration.clear()
    this.hearConfiguration()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private hearConfiguration(): void {
    this.configuration.on((change) => this.events.emit('configured', change))
  }
}

/**
 * A runtime of its own.
 *
 * @example
 * ```ts
 * import { createRuntime } from '@breakwater/kernel'
 * import { CircuitBreaker } from '@breakwater/breaker'
 *
 * using runtime = createRuntime()
 * const breaker = new CircuitBreaker({ name: 'users', runtime })
 * console.log([...runtime.instruments()].map(({ name }) => name)) // [ 'users' ]
 * breaker.dispose()
 * ```
 */
export function createRuntime(): Runtime {
  return new InstrumentSet()
}

const KEY = Symbol.for('breakwater.runtime@1')

/** The runtime of the process, shared by all copies of this package in it. */
export function defaultRuntime(): Runtime {
  return processWide(KEY, createRuntime)
}
