/**
 * One call for each key: those who ask for the same thing share it while it is under way, and its answer afterwards.
 * Hystrix: `HystrixRequestCache`.
 */
import { RequestVariable } from '@breakwater/kernel'
import { keepFor } from '../core/keeping.js'
import { CachePolicy } from './cache-policy.js'
import type { CacheMaking } from './cache-policy.js'
import { resolveRequestCacheOptions } from './request-cache-options.js'
import type { RequestCacheOptions, ResolvedRequestCache } from './request-cache-options.js'
import { Shelf } from './shelf.js'

/**
 * A cache of answers by key, for the time of one request or for the process. Callers with the same key share one run;
 * it goes on until the last of them has given up. Failures reach those who share the run, and are not kept. All callers
 * of a key get the same object: do not change it.
 *
 * A pipeline has it outside of the total time, the retries and the breaker, and inside of the fallback. A call outside of any
 * request rejects with `RequestScopeError` when the scope is `request`.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { RequestCache } from '@breakwater/fallback'
 * import { withRequestContext } from '@breakwater/kernel'
 *
 * let queries = 0
 * const users = new RequestCache({ key: (_call, id: string) => id })
 * const findUser = users.wrap(async (id: string) => ({ id, query: ++queries }))
 *
 * await withRequestContext(async () => {
 *   const [one, same, other] = await Promise.all([findUser('ann'), findUser('ann'), findUser('bob')])
 *   console.log(one === same, other.query, queries) // true 2 2
 * })
 * ```
 */
export class RequestCache extends CachePolicy {
  constructor(options: RequestCacheOptions = {}) {
    const resolved = resolveRequestCacheOptions(options)
    const { name, clock, key, ttlMs, compat, max, scope } = resolved
    super({
      kind: 'request-cache',
      name,
      clock,
      key,
      keeping: keepFor(ttlMs, compat !== undefined),
      ...shelvesOf(resolved),
      described: Object.freeze({ scope, ttlMs, max, compat }),
    })
  }
}

function shelvesOf({ scope, max }: ResolvedRequestCache): Pick<CacheMaking, 'shelf' | 'shelfAtHand'> {
  if (scope === 'process') {
    const only = new Shelf(max)
    return { shelf: () => only, shelfAtHand: () => only }
  }
  const shelves = new RequestVariable({
    create: () => new Shelf(max),
    // Calls that are still under way find it empty, and leave nothing on it.
    onEnd: (shelf) => shelf.forgetAll(),
  })
  return { shelf: () => shelves.get(), shelfAtHand: () => shelves.peek() }
}
