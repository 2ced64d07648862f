/**
 * The check of what is said when a permit is settled by hand.
 */
import { InvalidOptionsError, OUTCOME_KINDS } from '@breakwater/kernel'

/** Throws `InvalidOptionsError` for what is no kind of end, or no duration. */
export function checkSettlement(kind: unknown, durationMs: unknown): void {
  const issues = []
  if (!(OUTCOME_KINDS as readonly unknown[]).includes(kind))
    issues.push({ path: 'kind', received: kind, expected: `one of ${OUTCOME_KINDS.join(', ')}` })
  if (
    durationMs !== undefined &&
    !(typeof durationMs === 'number' && durationMs >= 0 && Number.isFinite(durationMs))
  ) {
    issues.push({ path: 'durationMs', received: durationMs, expected: 'a number of milliseconds from 0' })
  }
  if (issues.length > 0) throw new InvalidOptionsError('Invalid settlement of a permit', { issues })
}
