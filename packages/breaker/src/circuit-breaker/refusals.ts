/**
 * What those hear whom a breaker sends away: one error and one rejected promise for a whole period, because an error
 * costs more than all the rest of a refusal. Made at the first failure, so a breaker without any has none.
 */
import { CircuitOpenError } from '@breakwater/kernel'
import type { ResolvedCircuitBreaker } from './circuit-breaker-options.js'
import type { BreakerMachine } from './core/machine.js'

export class Refusals {
  /** The failure that was heard last in this incident. */
  lastFailure: unknown = undefined
  private error: CircuitOpenError | null = null
  private rejected: Promise<never> | null = null

  /** The next refusal is told by another error: the state or the options have changed. */
  renew(): void {
    this.error = this.rejected = null
  }

  /** The error of this period; of each call, where stacks are wanted. */
  next(machine: BreakerMachine, options: ResolvedCircuitBreaker): CircuitOpenError {
    if (options.captureStack) this.renew()
    return this.error ?? this.make(machine, options)
  }

  /** A promise that rejects with the last error. */
  promise(machine: BreakerMachine, options: ResolvedCircuitBreaker): Promise<never> {
    if (this.rejected === null) {
      this.rejected = Promise.reject(this.error ?? this.make(machine, options))
      this.rejected.catch(() => {})
    }
    return this.rejected
  }

  private make(machine: BreakerMachine, options: ResolvedCircuitBreaker): CircuitOpenError {
    const { name, clock, captureStack } = options
    const label = name === undefined ? 'circuit' : `circuit ${JSON.stringify(name)}`
    const state =
      machine.state === 'closed' ? 'recovering: only a part of the calls is admitted' : machine.state
    this.error = new CircuitOpenError(`${label} is ${state}`, {
      cause: machine.state === 'forced-open' ? undefined : this.lastFailure,
      retryAfterMs: () => machine.waitMs(clock.now()),
      stack: captureStack,
    })
    return this.error
  }
}
