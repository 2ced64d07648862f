/** What a caller of ours leaves us of his time: the other end of the header that goes out with each request. */
import { DEADLINE_HEADER, parseDeadline } from './core/deadline-header.js'

const MAX_NAMES = 8

/**
 * Milliseconds that the headers of an incoming request leave for it; the least of several, undefined when they say nothing that can
 * be read. Which headers are to be believed is for you to say: a caller can write anything.
 *
 * @example
 * ```ts
 * import { withRequestContext } from '@breakwater/command'
 * import { inboundBudgetMs } from '@breakwater/http'
 *
 * const headers = { 'breakwater-timeout-ms': '250' }
 * const budgetMs = inboundBudgetMs(headers)
 * console.log(budgetMs) // 250
 * const answer = await withRequestContext(async () => 'requests made in here have 250 ms at most', { budgetMs })
 * console.log(answer.length) // 41
 * ```
 */
export function inboundBudgetMs(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  names: readonly string[] = [DEADLINE_HEADER],
): number | undefined {
  let least: number | undefined
  for (const name of names.slice(0, MAX_NAMES)) {
    const given = headers[name.toLowerCase()]
    const value = typeof given === 'object' ? given[0] : given
    const leftMs = value === undefined ? undefined : parseDeadline(name.toLowerCase(), value)
    if (leftMs !== undefined && (least === undefined || leftMs < least)) least = leftMs
  }
  return least
}
