/**
 * What a breaker's snapshot says of the latencies that it measured.
 */
import type { RollingLatency } from '@breakwater/kernel'

/** Latencies of about the last 10 s, in milliseconds; zeros when there were none. */
export interface RecentLatencies {
  readonly count: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

export const LATENCY_WINDOW_MS = 10_000

/** A summary at `now` of the window, which is absent until something was measured. */
export function recentLatencies(latency: RollingLatency | null, now: number): RecentLatencies {
  const window = latency?.window(now)
  const [p50 = 0, p90 = 0, p99 = 0] = window?.percentiles([50, 90, 99]) ?? []
  return { count: window?.count ?? 0, p50, p90, p99, max: window?.maxMs ?? 0 }
}
