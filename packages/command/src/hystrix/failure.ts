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
  if (isA(HystrixBadRequestError, error) || asked(plan.ignore, error, 'ignore'))
    return causeOf('BAD_REQUEST', error)
  if (plan.key.line.believesErrors && isA(BulkheadFullError, error))
    return causeOf('THREAD_POOL_REJECTED', error)
  if (plan.key.line.believesErrors && isA(CallTimeoutError, error)) return causeOf('TIMEOUT', error)
  return causeOf('FAILURE', error)
}

/** Whether it is an error of that class; what cannot even be asked is not. */
export function isA<E>(type: abstract new (...args: never[]) => E, error: unknown): error is E {
  try {
    return error instanceof type
  } catch {
    return false
  }
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
  const inner = isA(HystrixBadRequestError, error) ? error.cause : undefined
  return inner !== undefined && isNotWrapped(inner, plan) ? inner : error
}

function isStackOverflow(error: unknown): boolean {
  return isA(RangeError, error) && error.message.includes('call stack')
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
