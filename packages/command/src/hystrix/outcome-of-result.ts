/**
 * The end of an execution as a value, in the words of all other policies.
 */
import { DeadlineExceededError } from '@breakwater/kernel'
import type { Outcome, OutcomeKind } from '@breakwater/kernel'
import type { HystrixEvent } from './core/events.js'
import type { HystrixExecution } from './execution-view.js'
import { HystrixRuntimeError } from './hystrix-errors.js'
import type { FailureType } from './hystrix-errors.js'

const KINDS: Readonly<Record<FailureType, Exclude<OutcomeKind, 'success'>>> = {
  COMMAND_EXCEPTION: 'failure',
  TIMEOUT: 'timeout',
  SHORTCIRCUIT: 'rejected',
  REJECTED_SEMAPHORE_EXECUTION: 'rejected',
  REJECTED_THREAD_EXECUTION: 'rejected',
  REJECTED_SEMAPHORE_FALLBACK: 'failure',
  BAD_REQUEST_EXCEPTION: 'ignored',
}

/** What an error that the caller gets as it is was to the execution; of anything else it is a failure. */
const KINDS_OF_EVENTS: readonly (readonly [HystrixEvent, Exclude<OutcomeKind, 'success'>])[] = [
  ['BAD_REQUEST', 'ignored'],
  ['TIMEOUT', 'timeout'],
  ['SHORT_CIRCUITED', 'rejected'],
  ['THREAD_POOL_REJECTED', 'rejected'],
  ['SEMAPHORE_REJECTED', 'rejected'],
]

/** Waits for the end of an execution; never rejects. */
export async function outcomeOfResult<R>(
  execution: HystrixExecution<R>,
  signal: AbortSignal | undefined,
): Promise<Outcome<R>> {
  try {
    return { kind: 'success', value: await execution.result }
  } catch (error) {
    return { kind: kindOf(error, execution, signal), error }
  }
}

function kindOf(
  error: unknown,
  { events, isResponseFromCache, executionError }: HystrixExecution<unknown>,
  signal: AbortSignal | undefined,
): Exclude<OutcomeKind, 'success'> {
  if (signal?.aborted === true && error === signal.reason) return 'cancelled'
  // Of another command is one that the work threw, and that was not wrapped.
  const isOwn = error instanceof HystrixRuntimeError && error !== executionError
  if (isOwn) return KINDS[error.failureType]
  // Before the call began, or while he waited for the call of another.
  const isOfCaller = events.length === 0 || (isResponseFromCache && error !== executionError)
  if (isOfCaller && error instanceof DeadlineExceededError) return 'timeout'
  return KINDS_OF_EVENTS.find(([event]) => events.includes(event))?.[1] ?? 'failure'
}
