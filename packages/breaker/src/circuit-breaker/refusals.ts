/**
 * What those hear whom a breaker sends away: one error and one rejected promise for a whole period, because an error
 * costs more than all the rest of a refusal. Made at the first failure, so a breaker without any has none.
 */
import { CircuitOpenError } from '@breakwater/kernel'
import type { FallbackCause } from '@breakwater/kernel'
import type { ResolvedCircuitBreaker } from './circuit-breaker-options.js'
import type { Transition } from './core/machine-data.js'
import type { MachineFrame } from './core/machine-frame.js'

/** The refusals of one period. */
export class Refusal {
  readonly cause: FallbackCause
  /** Until when nobody need ask again. */
  until: number = -Infinity
  private rejected: Promise<never> | null = null

  constructor(readonly error: CircuitOpenError) {
    this.cause = Object.freeze({ kind: 'rejected', error, policy: 'breaker', attempt: 1 })
  }

  get promise(): Promise<never> {
    if (this.rejected === null) {
      this.rejected = Promise.reject(this.error)
      this.rejected.catch(() => {})
    }
    return this.rejected
  }
}

/** Whether it opens a breaker though its window knows no failure: what failed before has not led to it. */
function isOnlySlow({ from, reason, counts }: Transition): boolean {
  return from === 'closed' && reason === 'slow-calls' && counts.failures === 0
}

export class Refusals {
  /** The failure that was heard last in this incident. */
  lastFailure: unknown = undefined
  private refusal: Refusal | null = null

  /** The next refusal is told by another error: the state or the options have changed. */
  renew(transitions: readonly Transition[] = []): void {
    this.refusal = null
    if (transitions.some(isOnlySlow)) this.lastFailure = undefined
  }

  /** The refusal of this period; one for each call, where stacks are wanted. */
  next(machine: MachineFrame, options: ResolvedCircuitBreaker): Refusal {
    if (this.refusal === null || options.captureStack)
      this.refusal = new Refusal(this.errorOf(machine, options))
    return this.refusal
  }

  private errorOf(machine: MachineFrame, options: ResolvedCircuitBreaker): CircuitOpenError {
    const { name, clock, captureStack } = options
    const label = name === undefined ? 'circuit' : `circuit ${JSON.stringify(name)}`
    const state =
      machine.state === 'closed' ? 'recovering: only a part of the calls is admitted' : machine.state
    return new CircuitOpenError(`${label} is ${state}`, {
      cause: machine.state === 'forced-open' ? undefined : this.lastFailure,
      retryAfterMs: () => machine.waitMs(clock.now()),
      stack: captureStack,
    })
  }
}
