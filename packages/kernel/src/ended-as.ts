/**
 * Work of our own packages knows how it ended better than a rejection can say: in time or not, or because its caller has gone.
 * Its errors carry that.
 */
import type { FailedOutcome } from './outcome.js'

/** Under this key an error says as what it is to be counted. */
export const ENDED_AS: unique symbol = Symbol.for('breakwater.ended-as@1') as never

/** What an error of our own says; undefined for all others. */
export function endedAs(error: unknown): FailedOutcome['kind'] | undefined {
  try {
    return error instanceof Error
      ? (error as { readonly [ENDED_AS]?: FailedOutcome['kind'] })[ENDED_AS]
      : undefined
  } catch {
    // What works throw can be anything, a revoked proxy too.
    return undefined
  }
}
