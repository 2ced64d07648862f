/**
 * Step 11 of an execution: who answers instead, and what the caller gets when nobody does.
 */
import type { CommandMeter } from '../command-meter.js'
import type { Cause, Unanswered } from './causes.js'
import { fallbackCauseOf, unanswered } from './causes.js'
import type { Execution } from './execution.js'
import { badRequestOf, isA, isNotWrapped, isUnrecoverable } from './failure.js'
import { HystrixRuntimeError, UnsupportedOperationError } from './hystrix-errors.js'

/** Asks the fallback: what it gives, or throws the error for the caller. The permit that it took is to be given back by {@link fallbackEnded}. */
export function askFallback(execution: Execution, cause: Cause, args: readonly unknown[]): unknown {
  const { plan } = execution
  refuseFallback(execution, cause)
  plan.key.fallbacks++
  execution.slot.isFallingBack = cause.event !== 'TIMEOUT' || !execution.slot.isTimedOut
  execution.hold()
  try {
    if (tellsOfFallback(execution)) plan.plugins.tell('onFallbackStart', execution)
    if (plan.fallback === undefined) throw new UnsupportedOperationError('No fallback available.')
    if (!execution.isLeaving) return plan.fallback(fallbackCauseOf(cause), ...args)
  } finally {
    execution.release()
  }
  fallbackEnded(execution)
  throw new Refused(undefined)
}

/** The fallback has given its answer, or failed for good. */
export function fallbackEnded({ plan, slot }: Execution): void {
  plan.key.fallbacks--
  slot.isFallingBack = false
  slot.review()
}

/** The error for the caller of an execution whose fallback threw `thrown`. */
export function errorOfFallback(execution: Execution, cause: Cause, thrown: unknown): unknown {
  const { plan } = execution
  const { line } = plan.key
  const error = tellsOfFallback(execution)
    ? plan.plugins.replace('onFallbackError', execution, thrown)
    : thrown
  const isMissing =
    plan.fallback === undefined || (line.believesErrors && isA(UnsupportedOperationError, error))
  execution.mark(isMissing ? 'FALLBACK_MISSING' : 'FALLBACK_FAILURE')
  books(execution)?.answered(isMissing ? 'missing' : 'failure')
  const fallbackError = isMissing && line.compat === undefined ? undefined : error
  return errorFor(execution, cause, isMissing ? 'no fallback available' : 'fallback failed', fallbackError)
}

/** Tells of an error that leaves the execution. */
export function threw(execution: Execution, cause: Cause | undefined): void {
  const { plan } = execution
  books(execution)?.threw()
  if (cause?.isBehindSemaphore === true) plan.plugins.mark('EXCEPTION_THROWN', execution.key)
}

// What comes after the caller has gone is no answer of his: it was counted as cancelled.
function books({ plan, isOver }: Execution): CommandMeter | undefined {
  return isOver ? undefined : plan.key.meter
}

/** A refusal on the way to the fallback, as an error. */
function refuseFallback(execution: Execution, cause: Cause): void {
  const { plan, properties } = execution
  const { line } = plan.key
  if (cause.event === 'BAD_REQUEST') {
    const error = plan.plugins.failed(execution, badRequestOf(cause.error, plan), cause.failureType)
    throw new Refused(error)
  }
  if (line.keepsUnwrappedFromFallback && isNotWrapped(cause.error, plan))
    throw new Refused(plan.plugins.failed(execution, cause.error, cause.failureType))
  if (isUnrecoverable(cause.error, plan))
    throw new Refused(errorFor(execution, cause, 'encountered unrecoverable error', undefined))
  if (!properties['fallback.enabled']) {
    if (line.compat === undefined) plan.plugins.mark('FALLBACK_DISABLED', execution.key)
    throw new Refused(errorFor(execution, cause, 'fallback disabled', undefined))
  }
  const limit = properties['fallback.isolation.semaphore.maxConcurrentRequests']
  if (plan.key.fallbacks < limit) return
  execution.mark('FALLBACK_REJECTION')
  books(execution)?.answered('rejected')
  throw new Refused(
    new HystrixRuntimeError(`${execution.key} fallback execution rejected.`, {
      failureType: 'REJECTED_SEMAPHORE_FALLBACK',
      cause: line.explainsRefusedFallback ? cause.error : undefined,
    }),
  )
}

/** Carries the error for the caller out of a fallback that was never asked. */
export class Refused {
  constructor(readonly error: unknown) {}
}

function errorFor(execution: Execution, cause: Cause, why: Unanswered, fallbackError: unknown): unknown {
  const { plan, key } = execution
  const error = plan.plugins.failed(execution, cause.error, cause.failureType)
  if (isNotWrapped(cause.error, plan)) return error
  return unanswered(key, cause, why, { cause: error, fallbackError })
}

// Hystrix asks by reflection, the first execution of a name that gets here, and never again.
function tellsOfFallback({ plan }: Execution): boolean {
  const isThere = plan.fallback !== undefined
  if (!plan.key.line.remembersFirstFallback) return isThere
  return (plan.key.hasFallback ??= isThere)
}
