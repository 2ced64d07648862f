/** How fetches of the registry came out, for metrics. Monotone for the life of the client. */
import { LatencyHistogram } from '@breakwater/kernel'
import type { FetchKind } from '../core/lifecycle/fetch-plan.js'

export interface FetchCount {
  readonly kind: FetchKind
  readonly outcome: 'success' | 'failure'
  readonly count: number
}

export class FetchCounts {
  /** Deltas after which our fingerprint of the registry was not the server's. */
  mismatches = 0
  /** Entries of answers that could not be used. */
  dropped = 0
  /** Registries put off by the shrink guard. */
  held = 0
  /** How long fetches took. */
  readonly latency: LatencyHistogram = new LatencyHistogram()
  private readonly byKind = new Map<string, FetchCount>()

  ended(kind: FetchKind, outcome: FetchCount['outcome'], tookMs: number): void {
    const key = `${kind} ${outcome}`
    this.byKind.set(key, { kind, outcome, count: (this.byKind.get(key)?.count ?? 0) + 1 })
    this.latency.record(tookMs)
  }

  read(): readonly FetchCount[] {
    return [...this.byKind.values()]
  }
}
