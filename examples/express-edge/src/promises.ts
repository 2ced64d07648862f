// The numbers that the demo promises and is judged by.

/** Within this time a page is answered, whatever the upstreams do. */
export const PAGE_BUDGET_MS = 600
/** Granted on top, besides the load generator's own lag: coarse timers and the way through the sockets. */
export const TOLERANCE_MS = 10
/** Pages asked for. */
export const PAGES_PER_SECOND = 60
/** For so long after a fault may its failures still be in a breaker's window or in flight. */
export const AFTERMATH_MS = 2_000
