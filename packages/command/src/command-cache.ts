/**
 * The cache of a command with `cacheKey`: its calls of one request that have the same key share one run and its answer.
 */
import { RequestCache } from '@breakwater/fallback'
import type { ResolvedCommand } from './command-options.js'
import { noteAnswers } from './hystrix/request-context.js'

/** The cache, if there is to be one. */
export function cacheOf({ name, cacheKey, clock }: ResolvedCommand): RequestCache | undefined {
  if (cacheKey === undefined) return undefined
  const cache: RequestCache = new RequestCache({
    name,
    clock,
    key: (_call: unknown, ...args: unknown[]) => {
      noteAnswers(name, cache)
      return cacheKey(...args)
    },
  })
  return cache
}
