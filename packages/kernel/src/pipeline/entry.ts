/**
 * The way of an attempt in: the first one asks for its turn; then past the guards, from the outside in, and when all
 * admit it, to its work.
 */
import type { BreakwaterError } from '../errors.js'
import type { Attempt } from './attempt.js'
import { attemptEnded, tellGuards } from './exit.js'
import type { GuardList } from './guard-list.js'
import { ENDED, NEW, QUEUED } from './phase.js'
import { ADMITTED, GATE_FREE, WAITING } from './stage.js'
import type { BreakerPart, LimitPart } from './stage.js'
import { hasTurn } from './turn.js'

/** Asks for its turn and the guards; starts the work, waits, or ends the attempt. */
export function enter(attempt: Attempt): void {
  const { rate } = attempt.runner
  if (rate === null || attempt.number > 1 || hasTurn(attempt, rate)) passGuards(attempt)
}

function passGuards(attempt: Attempt): void {
  const { guards, breaker, limit } = attempt.runner
  if (guards !== null && !passesGuards(attempt, guards)) return
  if (breaker !== null) {
    if (breaker.gate === GATE_FREE) attempt.generation = breaker.generation
    else if (!passesBreaker(attempt, breaker)) return
  }
  if (limit === null || limit.tryTake()) attempt.launch()
  else seek(attempt, limit)
}

/** Its wait for a slot is over. */
export function waitedTooLong(attempt: Attempt, limit: LimitPart): void {
  const error = limit.waitedTooLong(attempt)
  // Who hears of it may abort the call.
  if (attempt.phase === QUEUED) refusedByLimit(attempt, error)
}

// The limit sends it away, at once or after a wait.
function refusedByLimit(attempt: Attempt, error: BreakwaterError): void {
  attempt.phase = ENDED
  tellGuards(attempt, { kind: 'rejected', error }, attempt.runner.clock.now())
  refused(attempt, error, 'bulkhead')
}

function seek(attempt: Attempt, limit: LimitPart): void {
  const { invocation } = attempt
  const now = attempt.runner.clock.now()
  attempt.phase = QUEUED
  const answer = limit.enter(attempt, now)
  if (attempt.phase !== QUEUED) giveBack(attempt, limit, answer)
  else if (answer === WAITING) invocation.waitForSlot(attempt, limit.maxWaitMs, now)
  else if (answer === ADMITTED) attempt.launch()
  else refusedByLimit(attempt, answer)
}

// The call was aborted by what the limit asked or told: its own state is final, the limit's is not.
function giveBack(attempt: Attempt, limit: LimitPart, answer: ReturnType<LimitPart['enter']>): void {
  if (answer === ADMITTED) limit.release(attempt)
  else if (answer === WAITING) limit.leave(attempt)
}

function refused(attempt: Attempt, error: BreakwaterError, policy: string): void {
  attempt.phase = ENDED
  attemptEnded(attempt, { kind: 'rejected', error }, policy, undefined)
}

function passesGuards(attempt: Attempt, guards: GuardList): boolean {
  const error = guards.enter(attempt)
  if (error !== undefined) refused(attempt, error, guards.refusedBy)
  // A guard is foreign code: it may have aborted the call.
  else if (attempt.phase !== NEW) guards.exit(attempt, { kind: 'cancelled', error: attempt.reason })
  else return true
  return false
}

function passesBreaker(attempt: Attempt, breaker: BreakerPart): boolean {
  const { runner } = attempt
  const error = breaker.enter(attempt, runner.timeoutMs)
  if (error !== undefined) {
    runner.guards?.exit(attempt, { kind: 'rejected', error })
    refused(attempt, error, 'breaker')
  } else if (attempt.phase !== NEW) {
    // So may a listener of the breaker have done.
    tellGuards(attempt, { kind: 'cancelled', error: attempt.reason }, runner.clock.now())
  } else return true
  return false
}
