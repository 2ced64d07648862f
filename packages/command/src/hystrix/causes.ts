/**
 * Why an execution has no answer of its own, and the error that its caller gets when nobody answers instead.
 */
import type { FallbackCause, Outcome, OutcomeKind } from '@breakwater/kernel'
import type { Line } from './core/line.js'
import { HystrixRuntimeError } from './hystrix-errors.js'
import type { FailureType } from './hystrix-errors.js'

/** The events that leave an execution without an answer. */
export type CauseEvent =
  'FAILURE' | 'TIMEOUT' | 'BAD_REQUEST' | 'SHORT_CIRCUITED' | 'THREAD_POOL_REJECTED' | 'SEMAPHORE_REJECTED'

interface CauseRow {
  readonly failureType: FailureType
  /** What happened, in Hystrix's words. */
  readonly what: string
  readonly kind: Exclude<FallbackCause['kind'], 'cancelled'>
  readonly policy?: string
  /** The error leaves the part of the command behind the semaphore, where the notifier hears of it. */
  readonly isBehindSemaphore: boolean
}

const ROWS: Readonly<Record<CauseEvent, CauseRow>> = {
  FAILURE: {
    failureType: 'COMMAND_EXCEPTION',
    what: 'failed',
    kind: 'failure',
    isBehindSemaphore: true,
  },
  TIMEOUT: {
    failureType: 'TIMEOUT',
    what: 'timed-out',
    kind: 'timeout',
    policy: 'timeout',
    isBehindSemaphore: true,
  },
  BAD_REQUEST: {
    failureType: 'BAD_REQUEST_EXCEPTION',
    what: 'was a bad request',
    kind: 'ignored',
    isBehindSemaphore: true,
  },
  SHORT_CIRCUITED: {
    failureType: 'SHORTCIRCUIT',
    what: 'short-circuited',
    kind: 'rejected',
    policy: 'breaker',
    isBehindSemaphore: false,
  },
  THREAD_POOL_REJECTED: {
    failureType: 'REJECTED_THREAD_EXECUTION',
    what: 'could not be queued for execution',
    kind: 'rejected',
    policy: 'bulkhead',
    isBehindSemaphore: true,
  },
  SEMAPHORE_REJECTED: {
    failureType: 'REJECTED_SEMAPHORE_EXECUTION',
    what: 'could not acquire a semaphore for execution',
    kind: 'rejected',
    policy: 'bulkhead',
    isBehindSemaphore: false,
  },
}

/** Why an execution has no answer. */
export interface Cause extends CauseRow {
  readonly event: CauseEvent
  readonly error: unknown
}

/** The cause that `event` is, with its error. */
export function causeOf(event: CauseEvent, error: unknown): Cause {
  return { ...ROWS[event], event, error }
}

/** The end of a call, for the meter. */
export function outcomeOf({ kind, error }: Cause): Outcome<unknown> {
  return { kind, error }
}

/** What the fallback of a command is told. */
export function fallbackCauseOf({ kind, error, policy }: Cause): FallbackCause {
  return { kind, error, policy, attempt: 1 }
}

/** Why nobody answered instead, in Hystrix's words. */
export type Unanswered =
  'no fallback available' | 'fallback failed' | 'fallback disabled' | 'encountered unrecoverable error'

/** The error for the caller. */
export function unanswered(
  key: string,
  cause: Cause,
  why: Unanswered,
  errors: { readonly cause: unknown; readonly fallbackError?: unknown },
): HystrixRuntimeError {
  const { failureType, what } = cause
  return new HystrixRuntimeError(`${key} ${what} and ${why}.`, { failureType, ...errors })
}

/** What the breaker is told. Hystrix counts a full bulkhead as a failure; our own breaker would take it for nobody's fault. */
export function verdictOf({ kind }: Cause, { compat }: Line): OutcomeKind {
  return kind === 'rejected' && compat === undefined ? 'failure' : kind
}
