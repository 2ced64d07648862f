/**
 * The properties of a collapser, for who makes one.
 */
import { readOptions } from '@breakwater/kernel'
import { conflictsOf, resolveProperties, valueFault } from './core/properties.js'
import { rowsOf } from './core/property-table.js'
import type { CollapserPropertyValues } from './core/property-table.js'

/** Where names are looked up, as runtimes have it. */
export interface PropertyLookup {
  get(name: string): unknown
}

/**
 * The properties of a collapser in force: what the runtime's sources say of its key, over those given in code, over the
 * sources' `default.`, over the defaults. `maxRequestsInBatch` and `requestCache.enabled` are read again at each look,
 * so give them to a collapser as functions.
 *
 * @throws InvalidOptionsError for properties that are unknown or have a wrong value.
 *
 * @example
 * ```ts
 * import { collapserProperties, hystrixProperties } from '@breakwater/command'
 * import { createCollapser } from '@breakwater/fallback'
 *
 * const source = hystrixProperties({ 'hystrix.collapser.Users.maxRequestsInBatch': 2 })
 * const properties = collapserProperties('Users', { timerDelayInMilliseconds: 5 }, source)
 * const users = createCollapser({
 *   scope: 'process',
 *   windowMs: properties.timerDelayInMilliseconds,
 *   maxSize: () => properties.maxRequestsInBatch,
 *   duplicates: () => (properties['requestCache.enabled'] ? 'share' : 'reject'),
 *   batch: async (ids: readonly number[]) => ids.map((id) => `user ${id}`),
 * })
 * users.on('batch', ({ size }) => console.log('a batch of', size))
 * source.set('hystrix.collapser.Users.maxRequestsInBatch', 3) // heeded by the next batch
 * await Promise.all([users.load(1), users.load(2), users.load(3)]) // prints: a batch of 3
 * ```
 */
export function collapserProperties(
  key: string,
  given: Partial<CollapserPropertyValues> = {},
  configuration: PropertyLookup = { get: () => undefined },
): CollapserPropertyValues {
  const rows = rowsOf('collapser')
  const read = readOptions('collapserProperties', given, [...rows.keys()])
  const own: Record<string, unknown> = {}
  for (const [property, row] of rows) {
    const value = read.value(property)
    const fault = value === undefined ? undefined : valueFault(row, { property, given: value }, false)
    if (fault === undefined) own[property] = value
    else read.issue(property, value, fault.expected)
  }
  if (typeof (configuration as Partial<PropertyLookup> | null)?.get !== 'function')
    read.issue('configuration', configuration, 'what has a `get`, as the configuration of a runtime')
  const lookup = (name: string): unknown => configuration.get(name)
  const resolve = (): CollapserPropertyValues =>
    resolveProperties('collapser', key, own, { lookup, takesAnyNumber: false })
  if (read.issues.length === 0)
    for (const { property, received, expected } of conflictsOf(resolve()))
      read.issue(property, received, expected)
  read.finish()
  return liveValues(resolve, rows)
}

// Those that Hystrix reads again are read again at each look.
function liveValues(
  resolve: () => CollapserPropertyValues,
  rows: ReturnType<typeof rowsOf>,
): CollapserPropertyValues {
  const first = resolve()
  const looks: PropertyDescriptorMap = {}
  for (const property of Object.keys(first) as (keyof CollapserPropertyValues)[])
    looks[property] =
      rows.get(property)?.isDynamic === true
        ? { get: () => resolve()[property], enumerable: true }
        : { value: first[property], enumerable: true }
  // One member for each property.
  return Object.freeze(Object.defineProperties({}, looks)) as CollapserPropertyValues
}
