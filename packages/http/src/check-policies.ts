/** The check of what only policies know: their own options. */
import { createBalancer, StaticSource } from '@breakwater/discovery-client'
import { createRuntime, InvalidOptionsError } from '@breakwater/kernel'
import type { OptionIssue } from '@breakwater/kernel'
import type { ResolvedClient } from './client-options.js'
import { Service } from './engine/service.js'
import { Pools } from './wire/pools.js'

/** Makes a service of each kind that there may be, where nobody sees it: its policies check their options. */
export function checkPolicies({ defaults, services, clock, random, source, pools }: ResolvedClient): void {
  const around = { clock, random, runtime: createRuntime() }
  const nowhere = new Pools(pools)
  const issues = [...services, { name: '', options: defaults, source }].flatMap(
    ({ name, options, source: own }) => {
      const place = { name: name === '' ? 'default' : name, source: own, origin: undefined, pools: nowhere }
      const { balancer, ...others } = options
      const instances = { source: new StaticSource({}), service: place.name, clock, random }
      const path = name === '' ? '' : `services.${name}.`
      return [
        ...issuesOf(path, () => new Service(place, { ...others, balancer: undefined }, around, true)),
        ...issuesOf(`${path}balancer.`, () =>
          createBalancer({ runtime: around.runtime, ...balancer, ...instances }),
        ),
      ]
    },
  )
  if (issues.length > 0) throw new InvalidOptionsError('Invalid options for createHttpClient', { issues })
}

function issuesOf(path: string, make: () => { dispose(): void }): OptionIssue[] {
  try {
    make().dispose()
    return []
  } catch (error) {
    if (!(error instanceof InvalidOptionsError)) throw error
    return error.issues.map((issue) => ({ ...issue, path: `${path}${issue.path}` }))
  }
}
