/** The check of what only policies know: their own options. */
import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import type { ResolvedClient } from './client-options.js'
import { Service } from './engine/service.js'
import { Pools } from './wire/pools.js'

/** Makes a service of each kind that there may be, where nobody sees it: its policies check their options. */
export function checkPolicies({ defaults, services, clock, random, source, pools }: ResolvedClient): void {
  const around = { clock, random, runtime: createRuntime() }
  const nowhere = new Pools(pools)
  const issues = [...services, { name: '', options: defaults, source }].flatMap(
    ({ name, options, source: own }) => {
      try {
        const place = { name: name === '' ? 'default' : name, source: own, origin: undefined, pools: nowhere }
        new Service(place, options, around, true).dispose()
        return []
      } catch (error) {
        if (!(error instanceof InvalidOptionsError)) throw error
        const path = name === '' ? '' : `services.${name}.`
        return error.issues.map((issue) => ({ ...issue, path: `${path}${issue.path}` }))
      }
    },
  )
  if (issues.length > 0) throw new InvalidOptionsError('Invalid options for createHttpClient', { issues })
}
