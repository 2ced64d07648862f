/**
 * The way of an attempt out: what its guards are told, whether there is another one, and how the call ends.
 */
import { leave } from '../core/arrivals.js'
import { needsAnswer } from '../outcome.js'
import type { FailedOutcome, Outcome } from '../outcome.js'
import { askFallback } from './answering.js'
import type { Attempt } from './attempt.js'
import type { Invocation } from './invocation.js'
import { ENDED, RUNNING } from './phase.js'
import type { Runner } from './runner.js'

/** What can end: a whole call, and an attempt that is all there is of one. */
export interface Ending {
  readonly runner: Runner
  /** Whether the end of the work is still to come. */
  readonly isPending: boolean
  readonly isDone: boolean
  /** The last attempt, as the work counts them. */
  readonly lastAttempt: number
  readonly invocation: Invocation
  /** The work's end is counted; only a fallback may follow. */
  concluded(): void
  /** Settles, unless it has. */
  settle(outcome: Outcome<unknown>, policy?: string): void
}

/** Tells those who had admitted the attempt; answers what its end is for everyone outside. */
export function tellGuards(
  attempt: Attempt,
  outcome: Outcome<unknown>,
  now: number,
  durationMs?: number,
): Outcome<unknown> {
  const { breaker, guards, limit } = attempt.runner
  let seen = outcome
  if (limit !== null && limit.sampler !== null) limit.sampler.ended(outcome, durationMs, now)
  if (breaker !== null) {
    const kind = breaker.exit(attempt, outcome, now, durationMs)
    if (kind === 'ignored' && outcome.kind === 'failure') seen = { kind, error: outcome.error }
  }
  guards?.exit(attempt, seen)
  return seen
}

/** The work of an attempt failed. */
export function workFailed(attempt: Attempt, error: unknown): void {
  const { meter, asksByCall } = attempt.runner
  const runs = attempt.phase === RUNNING
  if (runs && attempt.lease === null && !asksByCall) simplyFailed(attempt, error)
  else attempt.ended({ kind: meter === null || !runs ? 'failure' : meter.kindOf(error), error })
}

// No lease and no guard of the user's asks about it.
function simplyFailed(attempt: Attempt, error: unknown): void {
  const { runner, startedAt } = attempt
  attempt.phase = ENDED
  leave(attempt)
  const now = runner.endTime(startedAt)
  const durationMs = startedAt === undefined ? undefined : now - startedAt
  const outcome = runner.simpleFailure(error, attempt.generation, now, durationMs)
  attemptEnded(attempt, outcome, undefined, durationMs)
}

/** The work of an attempt ended, however. */
export function workEnded(
  attempt: Attempt,
  outcome: Outcome<unknown>,
  policy: string | undefined,
  now: number,
): void {
  const durationMs = attempt.startedAt === undefined ? undefined : now - attempt.startedAt
  const seen = tellGuards(attempt, outcome, now, durationMs)
  // A policy further inside that refuses lets nothing run.
  const wasRefused = outcome.kind === 'rejected' && policy !== undefined
  attemptEnded(attempt, seen, policy, wasRefused ? undefined : durationMs)
}

/** The time was over before the work could begin, further inside: for the guards, that says nothing about the dependency. */
export function waitedInVain(
  attempt: Attempt,
  outcome: FailedOutcome,
  policy: string | undefined,
  now: number,
): void {
  attempt.whole?.neverBegan(attempt.number)
  const durationMs = attempt.startedAt === undefined ? undefined : now - attempt.startedAt
  tellGuards(attempt, { kind: 'cancelled', error: outcome.error }, now, durationMs)
  attemptEnded(attempt, outcome, policy, durationMs)
}

/** An attempt is over: answers, tries again, or concludes. */
export function attemptEnded(
  attempt: Attempt,
  outcome: Outcome<unknown>,
  policy: string | undefined,
  durationMs: number | undefined,
): void {
  // Whoever was told of the end before may have aborted the call.
  if (!attempt.isPending) return
  const { retry, meter } = attempt.runner
  const succeeded = outcome.kind === 'success'
  let gaveUp = false
  if (retry !== null && outcome.kind !== 'cancelled' && (!succeeded || retry.judgesResults)) {
    gaveUp = retry.wants(outcome, attempt.number)
    if (gaveUp ? attempt.invocation.triesAgain(retry, attempt, outcome) : !attempt.isPending) return
  }
  if (retry !== null && attempt.number > 1) retry.ended(succeeded, gaveUp)
  if (succeeded) {
    // Who hears of the end may abort the call: its work has ended all the same.
    attempt.concluded()
    if (meter !== null) meter.ended(outcome, undefined, durationMs)
    attempt.settle(outcome)
  } else {
    conclude(attempt, outcome, policy, durationMs)
  }
}

/** There is no further attempt: a fallback answers, or the call fails. */
export function conclude(
  call: Ending,
  outcome: FailedOutcome,
  policy: string | undefined,
  durationMs: number | undefined,
): void {
  // Who was told that the time is over may have aborted the call.
  if (!call.isPending) return
  const { fallback, meter } = call.runner
  call.concluded()
  if (meter !== null) meter.ended(outcome, policy, durationMs)
  if (outcome.kind !== 'cancelled' && fallback !== null) askFallback(call, fallback, outcome, policy)
  else {
    // Where there is a fallback the call is cancelled, and needs no answer.
    if (meter !== null && needsAnswer(outcome.kind)) meter.answered('missing')
    call.settle(outcome, policy)
  }
}
