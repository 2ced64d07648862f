import type { Cancel, Clock, MonotonicMs, ScheduleOptions } from '@breakwater/kernel'

/**
 * As `clock.schedule`, for verdicts on who has not answered: after a stall of the loop the answer may be waiting in a
 * socket, so that is looked at before.
 */
export function scheduleAfterPoll(
  clock: Clock,
  at: MonotonicMs,
  run: () => void,
  options: ScheduleOptions,
): Cancel {
  let cancel = clock.schedule(
    at,
    () => {
      if (clock.afterPoll === undefined) run()
      else cancel = clock.afterPoll(run)
    },
    options,
  )
  return () => {
    cancel()
  }
}
