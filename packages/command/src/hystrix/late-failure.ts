/**
 * What Hystrix does when work fails whose caller has gone: all that it would have done for him. The notifier and the
 * hooks hear of it, and the fallback is really asked; only the execution itself keeps to CANCELLED. For the lines that
 * match Hystrix; in our own nothing runs for nobody.
 */
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
  // Hystrix tells of a timeout from its timer only.
  if (cause.event !== 'TIMEOUT') execution.mark(cause.event)
  let isAsked = true
  try {
    await askFallback(execution, cause, args)
  } catch (error) {
    isAsked = !(error instanceof Refused)
    if (isAsked) errorOfFallback(execution, cause, error)
    threw(execution, cause)
  } finally {
    if (isAsked) fallbackEnded(execution)
  }
}
