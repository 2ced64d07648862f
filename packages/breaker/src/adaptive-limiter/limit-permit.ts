/**
 * A slot taken by hand.
 */
import type { Clock, LimitSampler, Outcome, OutcomeKind } from '@breakwater/kernel'
import type { Slots } from '../bulkhead/slots.js'
import { isKnownAs } from '../known-by-kind.js'
import { checkSettlement } from '../settlement.js'

/** The right to run one call; settles once, whatever is called how often. */
export class LimitPermit implements Disposable {
  private isSettled = false
  private readonly since: number

  /** @internal */
  constructor(
    private readonly slots: Slots,
    private readonly sampler: LimitSampler,
    private readonly clock: Clock,
  ) {
    this.since = clock.now()
  }

  /** @internal */
  static get kind(): string {
    return 'breakwater.limit-permit@1'
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return isKnownAs(this, value)
  }

  /**
   * Frees the slot, and tells how the call ended. `result`: what it answered or threw, by which a refusal is known.
   * `durationMs`: how long it took; by default the time since the permit was given.
   *
   * @throws InvalidOptionsError for what is no kind of end, or no duration; then the slot is still taken.
   */
  settle(kind: OutcomeKind, durationMs?: number, result?: unknown): void {
    checkSettlement(kind, durationMs)
    if (!this.free()) return
    const now = this.clock.now()
    const outcome: Outcome<unknown> = kind === 'success' ? { kind, value: result } : { kind, error: result }
    this.sampler.ended(outcome, durationMs ?? now - this.since, now)
  }

  /** Gives the slot back, as for a call that never ran. */
  [Symbol.dispose](): void {
    this.free()
  }

  private free(): boolean {
    if (this.isSettled) return false
    this.isSettled = true
    this.slots.release(this)
    return true
  }
}
