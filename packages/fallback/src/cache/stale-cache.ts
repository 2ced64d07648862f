/**
 * The last good answer, for when there is no new one (stale-if-error of RFC 5861).
 */
import { keepStale } from '../core/keeping.js'
import { CachePolicy } from './cache-policy.js'
import { Shelf } from './shelf.js'
import { resolveStaleCacheOptions } from './stale-cache-options.js'
import type { StaleCacheOptions } from './stale-cache-options.js'

/**
 * Keeps the last good answer of each key. When a call ends with a failure, a timeout or a rejection, and that answer came
 * less than `freshMs + staleMs` ago, it is the answer again. While it is younger than `freshMs`, there is no call at all.
 * Callers with the same key share one run; it goes on until the last of them has given up. A caller's own abort and errors
 * that are ignored are not answered.
 *
 * Belongs outside of the timeouts and the breaker, which end the calls that it answers for.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { StaleCache } from '@breakwater/fallback'
 *
 * let isUp = true
 * const rates = new StaleCache({ key: (_call, currency: string) => currency, staleMs: 3_600_000 })
 * const getRate = rates.wrap(async (currency: string) => {
 *   if (!isUp) throw new Error('down')
 *   return `0.92 ${currency}`
 * })
 *
 * console.log(await getRate('EUR')) // 0.92 EUR
 * isUp = false
 * console.log(await getRate('EUR')) // 0.92 EUR
 * ```
 */
export class StaleCache extends CachePolicy {
  constructor(options: StaleCacheOptions = {}) {
    const { name, clock, key, freshMs, staleMs, max } = resolveStaleCacheOptions(options)
    const shelf = new Shelf(max)
    super({
      kind: 'stale-cache',
      name,
      clock,
      key,
      keeping: keepStale(freshMs, staleMs),
      shelf: () => shelf,
      shelfAtHand: () => shelf,
      described: Object.freeze({ freshMs, staleMs, max }),
    })
  }
}
