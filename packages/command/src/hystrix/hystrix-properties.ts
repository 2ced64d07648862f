/**
 * Hystrix's properties under their own dotted names, as a source of configuration for a runtime: what a properties file
 * or Archaius was to Hystrix.
 */
import { Emitter, InvalidOptionsError, isPlainObject, readOptions } from '@breakwater/kernel'
import type { ConfigurationSource, OptionIssue } from '@breakwater/kernel'
import { COMPAT_NAMES, lineOf } from './core/line.js'
import type { HystrixCompat } from './core/line.js'
import { conflictsOf, parseName, readValue, valueFault } from './core/properties.js'
import { rowsOf } from './core/property-table.js'

/** A property that got another value. */
export interface PropertyChange {
  readonly name: string
  readonly from: unknown
  readonly to: unknown
}

/** Values by full name, such as `hystrix.command.GetUser.circuitBreaker.forceOpen`; texts are read as in a properties file. */
export type HystrixPropertyMap = Readonly<Record<string, number | boolean | string | undefined>>

/** A source of properties that can be changed; every change is checked first, and applied whole or not at all. */
export interface HystrixProperties extends ConfigurationSource {
  /**
   * Gives one property a value, or takes its value away with `undefined`.
   *
   * @throws InvalidOptionsError for an unknown name or a value that is none; nothing is changed then.
   */
  set(name: string, value: number | boolean | string | undefined): void
  /** Replaces all values. Throws as `set` does. */
  replace(values: HystrixPropertyMap): void
  /** Subscribes to changes of single properties; returns the function that unsubscribes. */
  on(event: 'change', listener: (change: PropertyChange) => void): () => void
}

/** What is to be known of a source beside its values. */
export interface HystrixPropertiesOptions {
  /**
   * Takes every number that this version takes, also one that makes no sense, such as a timeout of 0. Commands with the
   * same `compat` do with it what that version did; those without pass over it. Default: such a number is refused.
   */
  readonly compat?: HystrixCompat | undefined
}

class Source implements HystrixProperties {
  private values: ReadonlyMap<string, unknown>
  private readonly takesAnyNumber: boolean
  private readonly events = new Emitter<{ change: PropertyChange; names: readonly string[] }>(
    'hystrixProperties',
  )

  constructor(values: HystrixPropertyMap, { compat }: HystrixPropertiesOptions) {
    this.takesAnyNumber = lineOf(compat).takesAnyNumber
    this.values = checked(values, this.takesAnyNumber)
  }

  get(name: string): unknown {
    return this.values.get(name)
  }

  set(name: string, value: number | boolean | string | undefined): void {
    this.replace({ ...Object.fromEntries(this.values), [name]: value } as HystrixPropertyMap)
  }

  replace(values: HystrixPropertyMap): void {
    const before = this.values
    const after = checked(values, this.takesAnyNumber)
    this.values = after
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => before.get(name) !== after.get(name),
    )
    if (changed.length === 0) return
    this.events.emit('names', changed)
    for (const name of changed) {
      const to = after.get(name)
      // Who hears of one may change another, and has told of that already.
      if (this.get(name) === to) this.events.emit('change', { name, from: before.get(name), to })
    }
  }

  onChange(listener: (names: readonly string[]) => void): () => void {
    return this.events.on('names', listener)
  }

  on(event: 'change', listener: (change: PropertyChange) => void): () => void {
    return this.events.on(event, listener)
  }
}

/**
 * A source of Hystrix properties, for `runtime.configure(…)`. What it says of one key wins over what the code says, which
 * wins over its `default.`; dynamic properties apply from the next call on, the others when a command is made.
 *
 * @throws InvalidOptionsError that names every property that is unknown or has a wrong value.
 *
 * @example
 * ```ts
 * import { createCommand, hystrixProperties } from '@breakwater/command'
 * import { createRuntime } from '@breakwater/kernel'
 *
 * using runtime = createRuntime()
 * const properties = hystrixProperties({ 'hystrix.command.default.execution.timeout.enabled': false })
 * runtime.configure(properties)
 * const command = createCommand({ name: 'GetUser', preset: 'hystrix', runtime, run: () => 'up' })
 * properties.set('hystrix.command.GetUser.circuitBreaker.forceOpen', true)
 * console.log((await command.outcome()).kind) // rejected
 * command.dispose()
 * ```
 */
export function hystrixProperties(
  values: HystrixPropertyMap = {},
  options: HystrixPropertiesOptions = {},
): HystrixProperties {
  const read = readOptions('hystrixProperties', options, ['compat'])
  const compat = read.oneOf<HystrixCompat, undefined>('compat', undefined, COMPAT_NAMES)
  read.finish()
  return new Source(values, { compat })
}

// Others that Hystrix knows; they belong to its threads, streams and plugins, so they are let through and mean nothing here.
const OTHERS =
  /^hystrix[.](timer[.]threadpool[.]default[.]coreSize|stream[.](dashboard|utilization|config)[.]intervalInMilliseconds|config[.]stream[.]maxConcurrentConnections)$/

function checked(values: unknown, takesAnyNumber: boolean): ReadonlyMap<string, unknown> {
  const given = readable(values)
  const issues: OptionIssue[] = []
  const right = new Map<string, unknown>()
  for (const [name, value] of given) {
    if (value === undefined) continue
    const issue = issueOf(name, value, takesAnyNumber)
    if (issue === undefined) right.set(name, normal(name, value, takesAnyNumber))
    else issues.push(issue)
  }
  if (!takesAnyNumber) issues.push(...conflictIssues(right))
  if (issues.length > 0) throw new InvalidOptionsError('Invalid Hystrix properties', { issues })
  return right
}

function readable(values: unknown): [string, unknown][] {
  if (isPlainObject(values)) return Object.entries(values)
  const issues = [{ path: '', received: values, expected: 'a plain object' }]
  throw new InvalidOptionsError('Invalid Hystrix properties', { issues })
}

function issueOf(path: string, value: unknown, takesAnyNumber: boolean): OptionIssue | undefined {
  const name = parseName(path)
  if (name === undefined)
    return OTHERS.test(path) ? undefined : { path, received: value, expected: 'a property of Hystrix' }
  const rows = rowsOf(name.kind)
  const row = rows.get(name.property)
  if (row === undefined) {
    const hint = readOptions('', { [name.property]: value }, [...rows.keys()]).issues[0]?.hint
    const issue = { path, received: value, expected: `a property of a ${name.kind}` }
    return hint === undefined ? issue : { ...issue, hint }
  }
  if (row.isByKeyOnly === true && name.key === 'default')
    return { path, received: value, expected: 'the key of one command: it has no default' }
  const fault = valueFault(row, { property: path, given: value }, takesAnyNumber)
  return fault === undefined ? undefined : { path, received: value, expected: fault.expected }
}

function normal(path: string, value: unknown, takesAnyNumber: boolean): unknown {
  const name = parseName(path)
  const row = name === undefined ? undefined : rowsOf(name.kind).get(name.property)
  return row === undefined ? value : readValue(row, value, takesAnyNumber)
}

// Windows and buckets of one key must fit together, as far as the source itself gives both.
function conflictIssues(values: ReadonlyMap<string, unknown>): OptionIssue[] {
  const byOwner = new Map<string, Record<string, unknown>>()
  for (const [path, value] of values) {
    const name = parseName(path)
    if (name === undefined) continue
    const owner = `hystrix.${name.kind}.${name.key}`
    byOwner.set(owner, { ...byOwner.get(owner), [name.property]: value })
  }
  return [...byOwner].flatMap(([owner, own]) =>
    conflictsOf(own).map(({ property, received, expected }) => ({
      path: `${owner}.${property}`,
      received,
      expected,
    })),
  )
}
