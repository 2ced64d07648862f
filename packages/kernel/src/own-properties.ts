/**
 * Reads an untrusted options object: each own property once, nothing inherited, and no exception whatever its getters
 * or proxy traps do.
 */
import { isPlainObject } from './plain-object.js'

/** What was found in one object. */
export interface OwnProperties {
  /** False when the object is not a plain one (or cannot be listed); the rest is empty then. */
  readonly usable: boolean
  /** Known keys with a value other than `undefined`. */
  readonly values: ReadonlyMap<string, unknown>
  /** Own enumerable keys that are not known, with their values where they could be read. */
  readonly unknown: ReadonlyMap<string, unknown>
  /** Known keys whose getter threw. */
  readonly unreadable: readonly string[]
}

const NOTHING: OwnProperties = { usable: true, values: new Map(), unknown: new Map(), unreadable: [] }

/** Own properties of `given`, split by whether `known` lists them; `undefined` reads as `{}`. */
export function readOwn(given: unknown, known: readonly string[]): OwnProperties {
  if (given === undefined) return NOTHING
  try {
    return isPlainObject(given) ? split(given, known) : { ...NOTHING, usable: false }
  } catch {
    return { ...NOTHING, usable: false }
  }
}

function split(given: object, known: readonly string[]): OwnProperties {
  const values = new Map<string, unknown>()
  const unknown = new Map<string, unknown>()
  const unreadable: string[] = []
  for (const key of Object.keys(given)) {
    const isKnown = known.includes(key)
    try {
      const value: unknown = Reflect.get(given, key)
      if (!isKnown) unknown.set(key, value)
      else if (value !== undefined) values.set(key, value)
    } catch {
      if (isKnown) unreadable.push(key)
      else unknown.set(key, undefined)
    }
  }
  return { usable: true, values, unknown, unreadable }
}
