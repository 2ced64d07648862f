/**
 * What Hystrix does when work, or a fallback, fails whose caller has gone: all that it would have done for him. The notifier and the
 * hooks hear of it, the fallback is really asked, and the execution has its error; only its events keep to CANCELLED. For
 * the lines that match Hystrix; in our own nothing runs for nobody.
 */
import type { Cause } from './causes.js'
import type { Execution } from './execution.js'
import { askFallback, errorOfFallback, fallbackEnded, Refused, threw } from './fallback-step.js'
import { causeOfError } from './failure.js'

/** The work of a cancelled execution threw `thrown`. Work on its caller's own thread cannot outlive him. */
export async function failedAfterCancel(
  execution: Execution,
  thrown: unknown,
  args: readonly unknown[],
): Promise<void> {
  const { plan, record } = execution
  if (!record.isInThread) return
  const cause = causeOfError(plan.plugins.replace('onExecutionError', execution, thrown), plan)
  record.failed(cause.event, cause.error)
  // Hystrix tells of a timeout from its timer only.
  if (cause.event !== 'TIMEOUT') execution.mark(cause.event)
  let isAsked = true
  try {
    await askFallback(execution, cause, args)
  } catch (error) {
    isAsked = !(error instanceof Refused)
    fallbackFailedAfterCancel(execution, cause, error)
  } finally {
    if (isAsked) fallbackEnded(execution)
  }
}

/** The fallback of a cancelled execution threw `thrown`. */
export function fallbackFailedAfterCancel(execution: Execution, cause: Cause, thrown: unknown): void {
  if (!(thrown instanceof Refused)) errorOfFallback(execution, cause, thrown)
  threw(execution, cause)
}
