// When the load generator sends: at a rate that grows evenly for the first seconds and is constant from then on.

const GROWING_MS = 2_000

/** How many requests are due `elapsedMs` after the start. */
export function plannedAfter(elapsedMs: number, ratePerSecond: number): number {
  const growing = Math.min(elapsedMs, GROWING_MS)
  return (ratePerSecond / 1000) * (growing ** 2 / (2 * GROWING_MS) + Math.max(0, elapsedMs - GROWING_MS))
}

/** When request number `index`, from 0, is due: milliseconds after the start. The inverse of {@link plannedAfter}. */
export function dueAfterMs(index: number, ratePerSecond: number): number {
  const atFullRateMs = (index * 1000) / ratePerSecond
  if (atFullRateMs >= GROWING_MS / 2) return atFullRateMs + GROWING_MS / 2
  return Math.sqrt(atFullRateMs * 2 * GROWING_MS)
}
