/**
 * What answers are known by. Two keys are the same when they are equal as keys of a `Map`; a list of parts, when its parts
 * are, in type and value, one by one.
 */
import { invalidArgument } from './invalid-options-error.js'
import type { InvalidOptionsError } from './invalid-options-error.js'

/** A part of a key that is a list. */
export type KeyPart = string | number | bigint | boolean | null | undefined

/** A key; `undefined` and `null` say that there is none. */
export type CacheKey = KeyPart | symbol | readonly KeyPart[]

/** Something that may be a key of a `Map`. */
export type KeyId = NonNullable<unknown>

/**
 * The key in a form in which equal ones are the same for a `Map`, and others never are: `['a', 1]` is neither `['a', '1']`
 * nor `['a,1']`; objects are themselves. `undefined` when there is no key.
 */
export function identify(key: unknown): KeyId | undefined {
  // One letter ahead keeps texts apart from lists.
  if (typeof key === 'string') return `t${key}`
  // Not `map`, which leaves out places where there is nothing.
  if (Array.isArray(key)) return `l${Array.from(key as readonly unknown[], partText).join('')}`
  if (isThenable(key)) throw noKey(key)
  return key ?? undefined
}

// With its length ahead, no part can look like two.
function partText(part: unknown): string {
  const kind = part === null ? 'null' : typeof part
  if (kind === 'object' || kind === 'function' || kind === 'symbol') {
    throw noKey(part)
  }
  const text = String(part)
  return `${kind} ${String(text.length)} ${text}`
}

function isThenable(key: unknown): boolean {
  return typeof key === 'object' && key !== null && 'then' in key && typeof key.then === 'function'
}

// Keys that are never equal to others would fill the memory for nothing.
function noKey(received: unknown): InvalidOptionsError {
  const expected = 'a text, a number, a boolean, or a list of these'
  return invalidArgument('a call', { path: 'key', received, expected })
}
