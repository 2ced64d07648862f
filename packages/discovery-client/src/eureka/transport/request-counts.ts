/** How the requests to servers came out, one count per attempt, for metrics. */
import type { EurekaOperation } from '../core/wire/requests.js'

/** `rejected`: an answer that the operation cannot have. `failed`: no whole answer, or one that cannot be used. */
export type RequestOutcome =
  'success' | 'not-found' | 'redirected' | 'rejected' | 'timeout' | 'failed' | 'stopped'

export interface RequestCount {
  readonly operation: EurekaOperation
  readonly outcome: RequestOutcome
  readonly count: number
}

/** Counts by operation and outcome; both are small sets, so this never grows. */
export class RequestCounts {
  private readonly counts = new Map<string, RequestCount>()

  add(operation: EurekaOperation, outcome: RequestOutcome): void {
    const key = `${operation} ${outcome}`
    const count = (this.counts.get(key)?.count ?? 0) + 1
    this.counts.set(key, { operation, outcome, count })
  }

  read(): readonly RequestCount[] {
    return [...this.counts.values()]
  }
}
