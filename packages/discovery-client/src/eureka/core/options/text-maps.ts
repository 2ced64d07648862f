/** Checks of options that map names to texts, and a plain copy of one. */
import { isPlainObject } from '@breakwater/kernel'
import type { OptionReader } from '@breakwater/kernel'
import { DEFAULT_READ_LIMITS } from '../wire/read-parts.js'
import { readText } from '../wire/read-values.js'

/** Header names as RFC 9110 has them, and values that are one line of Latin-1, which is all that HTTP can carry. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
const HEADER_VALUE = /^[ -~\u00a0-\u00ff]{0,4096}$/
/** Of the connection, not of the request: with one of these no request could be sent. */
const OF_CONNECTION = /^(?:connection|content-length|expect|keep-alive|transfer-encoding|upgrade)$/i
const MAX_HEADERS = 64
const { maxMetadataEntries, maxMetadataChars } = DEFAULT_READ_LIMITS

/** Metadata of our own: what this client would read from others, and what a URL can carry. */
export function checkMetadata(value: unknown): string | undefined {
  const fits = checkTexts(value, maxMetadataEntries, (key, text) => {
    const isText = text.length <= maxMetadataChars && text.isWellFormed()
    return isText && key !== '@class' && readText(key, maxMetadataChars) !== undefined
  })
  return fits
    ? undefined
    : `up to ${maxMetadataEntries} texts of up to ${maxMetadataChars} characters, by name`
}

/** Headers that can be sent as they are (S5). */
export function checkHeaders(value: unknown): string | undefined {
  const fits = checkTexts(
    value,
    MAX_HEADERS,
    (key, text) => HEADER_NAME.test(key) && !OF_CONNECTION.test(key) && HEADER_VALUE.test(text),
  )
  return fits ? undefined : 'header values on one line of Latin-1, by header name, and none of the connection'
}

/** A frozen copy without a prototype. */
export function copyTexts(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const copy = Object.create(null) as Record<string, string>
  for (const [key, text] of Object.entries(texts)) copy[key] = text
  return Object.freeze(copy)
}

/** A map of texts, or an empty one. */
export function readTextMap<K extends string>(
  read: OptionReader<K>,
  key: K,
  check: (value: unknown) => string | undefined,
): Readonly<Record<string, string>> {
  return copyTexts(
    read.custom<Readonly<Record<string, string>>, Readonly<Record<string, string>>>(key, {}, check),
  )
}

/** Lists of texts by name, such as server URLs by zone; a bare list is that of the zone `bareName`. */
export function readLists<K extends string>(
  read: OptionReader<K>,
  key: K,
  rule: { readonly bareName: string | undefined; readonly check: (value: unknown) => string | undefined },
): ReadonlyMap<string, readonly string[]> {
  const value = read.value(key)
  // Not asked by `Array.isArray`, which throws for what does not want to be looked at; the reader of lists does not.
  if (rule.bareName !== undefined && value !== undefined && !isPlainObject(value)) {
    return new Map([[rule.bareName, read.list<string, readonly string[]>(key, [], rule.check)]])
  }
  const names = isPlainObject(value) ? Object.keys(value) : []
  const nested = read.nested(key, names)
  return new Map(names.map((name) => [name, nested.list<string, readonly string[]>(name, [], rule.check)]))
}

function checkTexts(
  value: unknown,
  maxEntries: number,
  isFine: (key: string, text: string) => boolean,
): boolean {
  // A `Map`, a `Headers` or a promise has no entries of its own: taken for an empty map, all in it would be lost.
  if (!isPlainObject(value)) return false
  const entries = Object.entries(value)
  return (
    entries.length <= maxEntries &&
    entries.every(([key, text]) => typeof text === 'string' && isFine(key, text))
  )
}
