/**
 * When batches leave.
 */

/** What decides it. */
export interface Timetable {
  readonly windowMs: number
  /** Hystrix: departures at a fixed rate from the first request of all on, for as long as there are requests. */
  readonly isFixedRate: boolean
}

/** When the batch leaves that is opened at `now`; `firstAt`: when the first of all batches was opened. */
export function departureAt({ windowMs, isFixedRate }: Timetable, now: number, firstAt: number): number {
  if (!isFixedRate || windowMs === 0) return now + windowMs
  return firstAt + (Math.floor((now - firstAt) / windowMs) + 1) * windowMs
}
