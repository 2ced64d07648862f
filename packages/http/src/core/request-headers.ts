/**
 * Request headers in all forms that undici takes: an object, a flat list of names and values, an iterable of pairs (`Headers`,
 * `Map`), or none. Read without copying, changed without touching what the caller gave.
 */

type HeaderValue = string | readonly string[] | undefined

/** The forms of undici's `UndiciHeaders`. */
export type RequestHeaders =
  | Readonly<Record<string, HeaderValue>>
  | readonly string[]
  | Iterable<readonly [string, HeaderValue]>
  | null
  | undefined

/**
 * The value of a header: the first of several.
 *
 * @param name - in lower case
 */
export function headerOf(headers: RequestHeaders, name: string): string | undefined {
  if (headers === null || headers === undefined) return undefined
  if (isFlat(headers)) {
    for (let at = 0; at + 1 < headers.length; at += 2) {
      if (isNamed(headers[at], name)) return firstOf(headers[at + 1])
    }
    return undefined
  }
  if (isIterable(headers)) {
    for (const [key, value] of headers) if (isNamed(key, name)) return firstOf(value)
    return undefined
  }
  const direct = Object.hasOwn(headers, name) ? headers[name] : undefined
  if (direct !== undefined) return firstOf(direct)
  for (const key of Object.keys(headers)) {
    if (isNamed(key, name) && headers[key] !== undefined) return firstOf(headers[key])
  }
  return undefined
}

/**
 * The same headers with `name` set to `value`, in place of what was there; the given ones stay as they are.
 *
 * @param name - in lower case
 */
export function withHeader(headers: RequestHeaders, name: string, value: string): RequestHeaders {
  const changed = withoutHeader(headers, name)
  if (isList(changed)) return [...changed, name, value]
  changed[name] = value
  return changed
}

/**
 * The same headers without `name`; the given ones stay as they are.
 *
 * @param name - in lower case
 */
export function withoutHeader(
  headers: RequestHeaders,
  name: string,
): readonly string[] | Record<string, HeaderValue> {
  if (headers === null || headers === undefined) return {}
  if (isFlat(headers)) return headers.filter((_entry, at) => !isNamed(headers[at - (at % 2)], name))
  if (isIterable(headers)) return flatOf([...headers].filter(([key]) => !isNamed(key, name)))
  const kept: Record<string, HeaderValue> = {}
  for (const key of Object.keys(headers)) if (!isNamed(key, name)) kept[key] = headers[key]
  return kept
}

/** The same headers, as they can be read more than once. */
export function rereadable(headers: RequestHeaders): RequestHeaders {
  const isReadOnce =
    typeof headers === 'object' && headers !== null && 'next' in headers && isIterable(headers)
  return isReadOnce ? flatOf([...headers]) : headers
}

/** Whether a text may be the name of a header: a token of RFC 9110 §5.6.2. */
export function isFieldName(name: string): boolean {
  return name.length <= 256 && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)
}

function isList(headers: object): headers is readonly string[] {
  return Array.isArray(headers)
}

// A list of pairs is an array too; what its first entry is tells them apart.
function isFlat(headers: NonNullable<RequestHeaders>): headers is readonly string[] {
  return Array.isArray(headers) && !Array.isArray(headers[0])
}

// Of all lists undici takes flat ones only, whose values may be lists.
function flatOf(pairs: readonly (readonly [string, HeaderValue])[]): readonly string[] {
  return pairs.flat() as string[]
}

function isIterable(headers: object): headers is Iterable<readonly [string, HeaderValue]> {
  return typeof Reflect.get(headers, Symbol.iterator) === 'function'
}

function isNamed(key: unknown, name: string): boolean {
  return typeof key === 'string' && key.length === name.length && (key === name || key.toLowerCase() === name)
}

function firstOf(value: HeaderValue): string | undefined {
  return typeof value === 'object' ? value[0] : value
}
