/**
 * Property values: how a given one is read, and which of several wins. By-key source, then the code's own value, then
 * the source's `default.`, then the table.
 */
import { rowsOf } from './property-table.js'
import type { PropertyKind, PropertyRow, PropertyValues } from './property-table.js'
import { shapeProblem } from './closed-buckets.js'
import { INT_MAX, INT_MIN } from './hystrix-numbers.js'

/** A property's full name, taken apart. */
export interface PropertyName {
  readonly kind: PropertyKind
  /** Of the command, pool or collapser; `default` for all. */
  readonly key: string
  readonly property: string
}

/** Where values of properties come from. */
export interface PropertySources {
  /** Looks up a full name; undefined when no source has it. */
  readonly lookup: (name: string) => unknown
  /** Every whole number counts, as in Hystrix, and not only those that make sense. */
  readonly takesAnyNumber: boolean
}

/** A fault of a value, and what would have been accepted. */
export interface PropertyFault {
  readonly property: string
  readonly received: unknown
  readonly expected: string
}

const MAX_NAME_LENGTH = 256
const HEALTH_INTERVAL = 'metrics.healthSnapshot.intervalInMilliseconds'
const PREFIX = /^hystrix[.](command|threadpool|collapser)[.]/

/**
 * Takes a full name apart; keys may hold dots themselves, so the longest known property at its end counts. The property
 * of an unknown one is what follows the first dot after the kind, and undefined when nothing does.
 */
export function parseName(name: string): PropertyName | undefined {
  const kind = PREFIX.exec(name)?.[1] as PropertyKind | undefined
  if (kind === undefined) return undefined
  const rest = name.slice(`hystrix.${kind}.`.length)
  let found: PropertyName | undefined = undefined
  for (let dot = rest.indexOf('.'); dot !== -1; dot = rest.indexOf('.', dot + 1)) {
    const property = rest.slice(dot + 1)
    const key = rest.slice(0, dot)
    if (key !== '' && rowsOf(kind).has(property)) return { kind, key, property }
    found ??= { kind, key, property }
  }
  return found
}

/** The value that a given one stands for, texts as in properties files too; undefined when it is none. */
export function readValue(row: PropertyRow<unknown>, given: unknown, takesAnyNumber: boolean): unknown {
  const value = typeof given === 'string' && row.type !== 'text' ? parsed(given.trim()) : given
  return expectedOf(takesAnyNumber ? unbounded(row) : row, value) === undefined ? value : undefined
}

/** What would have been accepted in place of `value`; undefined when it is right. */
function expectedOf(row: PropertyRow<unknown>, value: unknown): string | undefined {
  const { type, min = 0, max = Infinity } = row
  switch (type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false'
    case 'strategy':
      return value === 'THREAD' || value === 'SEMAPHORE' ? undefined : 'THREAD or SEMAPHORE'
    case 'text':
      return isName(value) ? undefined : `a name of 1 to ${String(MAX_NAME_LENGTH)} characters`
    case 'integer':
      return Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
        ? undefined
        : `a whole number from ${String(min)} to ${String(max)}`
  }
}

/** What is wrong with a given value of a property; undefined when nothing is. */
export function valueFault(
  row: PropertyRow<unknown>,
  { property, given }: { readonly property: string; readonly given: unknown },
  takesAnyNumber: boolean,
): PropertyFault | undefined {
  if (readValue(row, given, takesAnyNumber) !== undefined) return undefined
  // Of no row `undefined` is a value, so there is always something to say.
  const expected = expectedOf(takesAnyNumber ? unbounded(row) : row, undefined) as string
  return { property, received: given, expected }
}

/** The values in force for `key`. Values that are wrong are passed over: they were refused where they came from. */
export function resolveProperties<K extends PropertyKind>(
  kind: K,
  key: string,
  given: Readonly<Record<string, unknown>>,
  { lookup, takesAnyNumber }: PropertySources,
): PropertyValues[K] {
  const values: [string, unknown][] = []
  for (const [property, row] of rowsOf(kind)) {
    const candidates = [
      lookup(`hystrix.${kind}.${key}.${property}`),
      given[property],
      row.isByKeyOnly === true ? undefined : lookup(`hystrix.${kind}.default.${property}`),
    ]
    const chosen = candidates
      .map((value) => readValue(row, value, takesAnyNumber))
      .find((value) => value !== undefined)
    values.push([property, chosen ?? row.default])
  }
  // One value per row of the table, each of the row's type.
  return Object.freeze(Object.fromEntries(values)) as unknown as PropertyValues[K]
}

/** `now` where it may change, and `before` where it was read once. */
export function withStatic<K extends PropertyKind>(
  kind: K,
  before: PropertyValues[K],
  now: PropertyValues[K],
): PropertyValues[K] {
  const kept = [...rowsOf(kind)]
    .filter(([, row]) => !row.isDynamic)
    .map(([property]) => [property, before[property as keyof PropertyValues[K]]])
  return Object.freeze({ ...now, ...Object.fromEntries(kept) }) as PropertyValues[K]
}

/** What does not fit together among the values of one kind. */
export function conflictsOf(given: object): PropertyFault[] {
  const values = new Map<string, unknown>(Object.entries(given))
  const faults: PropertyFault[] = []
  const check = (time: string, parts: string): void => {
    const windowMs = values.get(time)
    const buckets = values.get(parts)
    if (typeof windowMs !== 'number' || typeof buckets !== 'number') return
    const expected = shapeProblem(windowMs, buckets)
    if (expected !== undefined) faults.push({ property: parts, received: buckets, expected })
  }
  check('metrics.rollingStats.timeInMilliseconds', 'metrics.rollingStats.numBuckets')
  check('metrics.rollingPercentile.timeInMilliseconds', 'metrics.rollingPercentile.numBuckets')
  const windowMs = values.get('metrics.rollingStats.timeInMilliseconds')
  const intervalMs = values.get(HEALTH_INTERVAL)
  if (typeof windowMs === 'number' && typeof intervalMs === 'number' && windowMs % intervalMs !== 0)
    faults.push({
      property: HEALTH_INTERVAL,
      received: intervalMs,
      expected: `a time that divides the window of ${String(windowMs)} ms evenly`,
    })
  return faults
}

// As the option `pool` has it, which says the same in code.
function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH
}

function unbounded(row: PropertyRow<unknown>): PropertyRow<unknown> {
  return row.type === 'integer' ? { ...row, min: INT_MIN, max: INT_MAX } : row
}

function parsed(text: string): unknown {
  if (text === 'true') return true
  if (text === 'false') return false
  return /^-?[0-9]+$/.test(text) ? Number(text) : text
}
