/**
 * The right to make one call, for those who cannot put the call into a function.
 */
import type { Admission, CircuitOpenError, Outcome, OutcomeKind } from '@breakwater/kernel'
import { isKnownAs } from '../known-by-kind.js'
import { checkSettlement } from '../settlement.js'
import type { Gate } from './gate.js'
import { hearResult, refusedEnded } from './hystrix-view.js'
import type { Ticket } from './ticket.js'

/**
 * Settle it once with how the call ended; further settlements change nothing. Dropped by `using` without a settlement
 * it is given back, as if the call had never been made.
 *
 * @example
 * ```ts
 * import { CircuitBreaker } from '@breakwater/breaker'
 * import { CircuitOpenError } from '@breakwater/kernel'
 *
 * const breaker = new CircuitBreaker()
 * const permit = breaker.tryAcquire()
 * if (permit instanceof CircuitOpenError) console.log('try again in', permit.retryAfterMs)
 * else permit.settle('success', 12)
 * ```
 */
export class Permit implements Admission, Disposable {
  /** @internal */ generation = 0
  /** @internal */ lease: Ticket | null = null
  private refused: CircuitOpenError | undefined = undefined
  private isSettled = false
  /** How the work ended, where that was told before the end of it all. */
  private ended: { readonly kind: OutcomeKind; readonly durationMs: number } | undefined = undefined

  /** @internal */
  constructor(
    private readonly gate: Gate,
    private readonly acquiredAt: number,
  ) {}

  /** @internal */
  static begin(gate: Gate, now: number): Permit {
    const permit = new Permit(gate, now)
    permit.refused = gate.enter(permit, Infinity, true)
    return permit
  }

  /** @internal */
  static get kind(): string {
    return 'breakwater.permit@1'
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return isKnownAs(this, value)
  }

  /** Why the call may not be made; only of a permit that `begin` gave. */
  get refusal(): CircuitOpenError | undefined {
    return this.refused
  }

  /**
   * Tells how the call ended; `durationMs` is measured from the acquisition when absent. When it is given, it decides
   * whether the call was slow, unless it was seen to be before: the time of a permit that is out runs from its acquisition.
   *
   * @throws InvalidOptionsError for another kind, or a duration that is negative or not finite. The permit stays open.
   */
  settle(kind: OutcomeKind, durationMs?: number): void {
    checkSettlement(kind, durationMs)
    if (this.isSettled) return
    this.isSettled = true
    if (this.refused === undefined) this.end(kind, durationMs)
    else refusedEnded(this.gate)
  }

  /**
   * Tells how the work ended, when the call as a whole goes on: with its fallback. A breaker with `compat` moves its state
   * now (`markSuccess` and `markNonSuccess` of Hystrix) and counts the call when it is settled; whatever it is settled as
   * then, this is what counts. Any other breaker knows one end only, and this is it.
   *
   * @throws InvalidOptionsError as `settle` does.
   *
   * @example
   * ```ts
   * import { CircuitBreaker } from '@breakwater/breaker'
   *
   * const breaker = new CircuitBreaker({ compat: 'hystrix-1.5.18' })
   * const permit = breaker.begin()
   * if (permit.refusal === undefined) permit.workEnded('failure')
   * // ... the fallback, be it long ...
   * permit.settle('failure')
   * ```
   */
  workEnded(kind: OutcomeKind, durationMs?: number): void {
    checkSettlement(kind, durationMs)
    if (this.isSettled || this.ended !== undefined || this.refused !== undefined) return
    const { gate } = this
    const { config, clock } = gate.options
    if (config.hystrix === undefined) {
      this.settle(kind, durationMs)
      return
    }
    this.ended = { kind, durationMs: durationMs ?? clock.now() - this.acquiredAt }
    hearResult(gate, outcomeOf(kind), this)
  }

  [Symbol.dispose](): void {
    this.settle('cancelled')
  }

  private end(kind: OutcomeKind, durationMs: number | undefined): void {
    const { ended } = this
    const measuredMs = ended?.durationMs ?? durationMs
    if (this.lease !== null) this.lease.measuredMs = measuredMs
    const now = this.gate.options.clock.now()
    const outcome = outcomeOf(ended?.kind ?? kind)
    // Who was rejected took no time that tells anything.
    const tookMs = outcome.kind === 'rejected' ? undefined : (measuredMs ?? now - this.acquiredAt)
    this.gate.exit(this, outcome, now, tookMs)
  }
}

function outcomeOf(kind: OutcomeKind): Outcome<unknown> {
  return kind === 'success' ? { kind, value: undefined } : { kind, error: undefined }
}
