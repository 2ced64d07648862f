/** Registries made of lists of instances, in as many words as a test needs. */
import { runSteps } from '../steps.js'
import { DEFAULT_READ_LIMITS } from '../wire/read-parts.js'
import { readApplications } from '../wire/read-applications.js'
import { replaceRegistry } from './apply.js'
import { emptyRegistry } from './registry.js'
import type { Registry } from './registry.js'

export const EMPTY: Registry = emptyRegistry({ filterOnlyUp: true, maxInstances: 1_000 })

/** A registry of these instances, of the application `A` unless they say otherwise; what is equal in `before` stays the same object. */
export function registryOf(instances: readonly object[], before: Registry = EMPTY): Registry {
  const whole = instances.map((each) => ({
    app: 'A',
    hostName: 'h',
    status: 'UP',
    port: { $: 1, '@enabled': 'true' },
    ...each,
  }))
  const read = runSteps(
    readApplications(
      { applications: { application: [{ name: 'A', instance: whole }] } },
      DEFAULT_READ_LIMITS,
    ),
  )
  if (read.kind !== 'applications') throw new Error(read.reason)
  return runSteps(replaceRegistry(before, read)).registry
}
