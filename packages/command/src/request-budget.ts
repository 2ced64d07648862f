/**
 * The time of the request that is being served, as a limit of the calls made for it.
 */
import { callOptionsError, requestBudgetMs } from '@breakwater/kernel'
import type { CallOptions } from '@breakwater/kernel'

/** What a caller asks for, within what is left of the request; just that, where no request has a limit of time. */
export function inRequest(options: CallOptions | undefined): CallOptions | undefined {
  const leftMs = requestBudgetMs()
  return leftMs === Infinity ? options : bounded(options, leftMs)
}

/**
 * The time of a call that begins now, in milliseconds: that of its caller or what is left of the request, whichever is
 * shorter; `Infinity` without a limit.
 */
export function budgetOf(options: CallOptions | undefined): number {
  const ownMs: unknown = options?.budgetMs
  // What is no number is for the check of the options to refuse.
  return Math.min(typeof ownMs === 'number' ? ownMs : Infinity, requestBudgetMs())
}

// Apart, so that calls without a limit inline nothing of it.
function bounded(options: CallOptions | undefined, leftMs: number): CallOptions {
  if (options === undefined) return { budgetMs: leftMs }
  // What cannot be meant is for the runner to refuse.
  if (callOptionsError(options) !== undefined) return options
  const { signal, budgetMs = Infinity } = options
  return { signal, budgetMs: Math.min(budgetMs, leftMs) }
}
