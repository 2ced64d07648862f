/** When an attempt will be ended, if it has not ended by itself. */
import type { Attempt } from './attempt.js'
import { QUEUED } from './phase.js'

/** As its line has it, and the limits around it; `Infinity` without a limit. */
export function endOf(attempt: Attempt): number {
  const { whole, phase } = attempt
  // The line of those who wait for a slot is that of their wait.
  const at = phase === QUEUED ? undefined : attempt.at
  const limitsEndAt = endOfLimits(attempt)
  // Lines go by whole milliseconds. Further off, the limit is another by now, for those that start later.
  const ownEndAt = at === undefined || Math.floor(at - limitsEndAt) === 0 ? limitsEndAt : at
  return whole === null ? ownEndAt : Math.min(ownEndAt, whole.outerEndAt)
}

// As the limits are now: that of the attempt, and those of the whole call.
function endOfLimits(attempt: Attempt): number {
  const isLimited = attempt.whole !== null || attempt.runner.totalTimeout !== null
  return Math.min(endOfAttempt(attempt), isLimited ? attempt.invocation.ownEndAt : Infinity)
}

function endOfAttempt({ runner, startedAt, at }: Attempt): number {
  const { timeoutMs, clock } = runner
  if (timeoutMs === Infinity) return Infinity
  // One whose start nobody read stands in a line that was told the time since.
  return startedAt === undefined ? (at ?? clock.now() + timeoutMs) : startedAt + timeoutMs
}

/** For how long the work of an attempt has run; `undefined` when it has not, or nobody measured it. */
export function ranMs({ startedAt, neverRan }: Attempt, now: number): number | undefined {
  return startedAt === undefined || neverRan ? undefined : now - startedAt
}
