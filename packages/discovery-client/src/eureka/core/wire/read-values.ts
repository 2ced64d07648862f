/**
 * Single values of the wire format, as the various server generations write them: numbers and booleans may come as
 * strings. Each function takes anything and answers `undefined` for what cannot be used.
 */

/** Control characters, lone surrogates (which no URL can carry) and line separators (which break logs). */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029]/u
const DECIMAL = /^-?\d{1,16}$/
const HTTP_URL = /^https?:\/\/[^\s]+$/i
const MAX_URL_LENGTH = 2_048
/** The last moment of a `Date`; next to what numbers hold exactly, a stamp of ours could not grow any more. */
const MAX_STAMP = 8.64e15

/** A decoded JSON object; arrays are none. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member of that name that the object itself has: nothing is inherited, also not from a polluted prototype. */
export function ownValue(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** A text of 1 to `maxLength` characters that can be printed on one line. */
export function readText(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string' || value.length === 0 || value.length > maxLength) return undefined
  return UNPRINTABLE.test(value) ? undefined : value
}

/** A whole number, exact in floating point, from a number or its decimal text. */
export function readInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number + 0 : undefined
}

/** A stamp in milliseconds since 1970, from a number or its decimal text. */
export function readStamp(value: unknown): number | undefined {
  const stamp = readInteger(value)
  return stamp !== undefined && stamp >= 0 && stamp <= MAX_STAMP ? stamp : undefined
}

export function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string' || value.length > 5) return undefined
  const text = value.toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** The text of an `http:` or `https:` URL, not resolved. */
export function readHttpUrl(value: unknown): string | undefined {
  const text = readText(value, MAX_URL_LENGTH)
  return text !== undefined && HTTP_URL.test(text) ? text : undefined
}
