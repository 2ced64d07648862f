/** How long a server that refuses wants to be left alone. */

const MAX_WAIT_MS = 3_600_000
/** Dates as HTTP has them today: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

/** Milliseconds, an hour at most, from a `Retry-After` in seconds or as a date; one that is over means no wait. */
export function waitOf(retryAfter: string | undefined, epochNow: number): number | undefined {
  const text = retryAfter ?? ''
  if (/^\d{1,9}$/.test(text)) return Math.min(Number(text) * 1_000, MAX_WAIT_MS)
  const waitMs = (HTTP_DATE.test(text) ? Date.parse(text) : NaN) - epochNow
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), MAX_WAIT_MS)
}
