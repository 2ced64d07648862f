/**
 * Attempts that end for the caller while their work may still run: what the guards are told then, and when the work has
 * ended too.
 */
import { leave } from '../core/arrivals.js'
import type { OutcomeKind } from '../outcome.js'
import type { Attempt } from './attempt.js'
import { attemptEnded, tellGuards } from './exit.js'
import { ABANDONED, ABANDONED_FREE, ENDED, GONE, NEW, QUEUED } from './phase.js'
import type { LimitPart, TimeoutPart } from './stage.js'

/** The time of a running attempt is over. */
export function overTime(attempt: Attempt, timeout: TimeoutPart): void {
  timeout.expired()
  const error = timeout.error()
  const { startedAt, runner } = attempt
  const durationMs = startedAt === undefined ? undefined : runner.clock.now() - startedAt
  abandon(attempt, 'timeout', error)
  attemptEnded(attempt, { kind: 'timeout', error }, 'timeout', durationMs)
  attempt.abortSignal('timeout', error)
}

/** Ends it for the caller, though its work may still run. The signal is left for `Attempt.abortSignal`. */
export function abandon(attempt: Attempt, kind: 'timeout' | 'cancelled', error: unknown): void {
  const { phase, neverRan } = attempt
  if (phase >= ENDED) return
  if (neverRan) attempt.whole?.neverBegan(attempt.number)
  attempt.phase = ABANDONED
  attempt.more.reason = error
  leave(attempt)
  if (phase === NEW) return
  const { limit, clock } = attempt.runner
  const now = clock.now()
  const { startedAt } = attempt
  const durationMs = phase === QUEUED || startedAt === undefined ? undefined : now - startedAt
  if (phase === QUEUED) {
    attempt.phase = GONE
    limit?.leave(attempt)
  } else {
    runsOn(attempt, limit)
  }
  // Who never left the queue has learned nothing about the dependency.
  tellGuards(attempt, { kind: neverRan ? 'cancelled' : kind, error }, now, durationMs)
  // What only waits further inside gives its place there back before anybody is begun who may ask for it.
  if (neverRan) attempt.child?.drop(kind, error)
}

/** The work runs on alone. Whether its slot is free is settled here, whatever the limit is told later. */
export function runsOn(attempt: Attempt, limit: LimitPart | null): void {
  attempt.invocation.abandonedOne()
  // What only waits further inside gives its place there back before the slot.
  if (limit?.releaseOnTimeout !== true || attempt.neverRan) {
    attempt.phase = ABANDONED
    return
  }
  attempt.phase = ABANDONED_FREE
  limit.release(attempt)
}

/** Work that nobody waited for has ended. */
export function cameLate(attempt: Attempt, kind: OutcomeKind): void {
  const { phase } = attempt
  if (phase !== ABANDONED && phase !== ABANDONED_FREE) return
  attempt.phase = GONE
  const { breaker, limit } = attempt.runner
  if (limit !== null && phase === ABANDONED) limit.release(attempt)
  breaker?.late(attempt.generation, kind)
  attempt.invocation.lateEnd(kind)
}
