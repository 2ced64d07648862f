/**
 * The right to make one call, for those who cannot put the call into a function.
 */
import { InvalidOptionsError } from '@breakwater/kernel'
import type { Admission, Outcome, OutcomeKind } from '@breakwater/kernel'
import type { Gate } from './gate.js'
import type { Ticket } from './ticket.js'

const KINDS: readonly string[] = [
  'success',
  'failure',
  'timeout',
  'rejected',
  'cancelled',
  'ignored',
] satisfies OutcomeKind[]

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
  private isSettled = false

  /** @internal */
  constructor(
    private readonly gate: Gate,
    private readonly acquiredAt: number,
  ) {}

  /**
   * Tells how the call ended; `durationMs` is measured from the acquisition when absent. When it is given, it decides
   * whether the call was slow.
   *
   * @throws InvalidOptionsError for another kind, or a duration that is negative or not finite. The permit stays open.
   */
  settle(kind: OutcomeKind, durationMs?: number): void {
    check(kind, durationMs)
    if (this.isSettled) return
    this.isSettled = true
    if (this.lease !== null) this.lease.measuredMs = durationMs
    const now = this.gate.options.clock.now()
    const outcome: Outcome<unknown> =
      kind === 'success' ? { kind, value: undefined } : { kind, error: undefined }
    this.gate.exit(this, outcome, now, durationMs ?? now - this.acquiredAt)
  }

  [Symbol.dispose](): void {
    this.settle('cancelled')
  }
}

function check(kind: unknown, durationMs: unknown): void {
  const issues = []
  if (!KINDS.includes(String(kind)))
    issues.push({ path: 'kind', received: kind, expected: `one of ${KINDS.join(', ')}` })
  if (
    durationMs !== undefined &&
    !(typeof durationMs === 'number' && durationMs >= 0 && Number.isFinite(durationMs))
  ) {
    issues.push({ path: 'durationMs', received: durationMs, expected: 'a number of milliseconds from 0' })
  }
  if (issues.length > 0) throw new InvalidOptionsError('Invalid settlement of a permit', { issues })
}
