/**
 * What an error of the work means.
 */
import { BulkheadFullError, CallTimeoutError, reportInternalError } from '@breakwater/kernel'
import type { Cause } from './causes.js'
import { causeOf } from './causes.js'
import type { ExecutionPlan } from './execution-plan.js'
import { HystrixBadRequestError } from './hystrix-errors.js'

/** The cause that an error of the work is. */
export function causeOfError(error: unknown, plan: ExecutionPlan): Cause {
  if (error instanceof HystrixBadRequestError || asked(plan.ignore, error, 'ignore'))
    return causeOf('BAD_REQUEST', error)
  if (plan.key.line.believesErrors && error instanceof BulkheadFullError)
    return causeOf('THREAD_POOL_REJECTED', error)
  if (plan.key.line.believesErrors && error instanceof CallTimeoutError) return causeOf('TIMEOUT', error)
  return causeOf('FAILURE', error)
}

/** Whether the caller gets the error as it is. */
export function isNotWrapped(error: unknown, plan: ExecutionPlan): boolean {
  return asked(plan.isNotWrapped, error, 'notWrapped')
}

/** Whether no fallback can help, by default after an overflow of the stack. */
export function isUnrecoverable(error: unknown, plan: ExecutionPlan): boolean {
  return asked(plan.isUnrecoverable ?? isStackOverflow, error, 'unrecoverable')
}

/** The error that a caller sees of a bad request: that inside, when it is one that is not to be wrapped. */
export function badRequestOf(error: unknown, plan: ExecutionPlan): unknown {
  const inner = error instanceof HystrixBadRequestError ? error.cause : undefined
  return inner !== undefined && isNotWrapped(inner, plan) ? inner : error
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack')
}

function asked(predicate: ((error: unknown) => boolean) | undefined, error: unknown, where: string): boolean {
  if (predicate === undefined) return false
  try {
    return predicate(error) === true
  } catch (thrown) {
    reportInternalError(thrown, where)
    return false
  }
}
