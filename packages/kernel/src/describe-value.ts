/**
 * Turns any value into a short text for messages. Values come from users, so nothing here may throw, run long or
 * give away more than needed: getters are not called, contents of objects are not shown, credentials in URLs are
 * masked, control characters are escaped and the length is capped.
 */

/** The longest text that {@link describeValue} returns, in UTF-16 units. */
export const MAX_DESCRIPTION_LENGTH = 120

/** What ends a line, or steers a terminal, and is not escaped in JSON. */
const LEFT_BY_JSON = /[\u007f-\u009f\u2028\u2029]/g
const MAX_KEYS_SHOWN = 5
const MAX_CHARS_SCANNED = 4_096
/** Also with a slash in the password, which nobody may have encoded; what follows a port is a path. */
const URL_USERINFO = /\/\/(?:[^/\s]*|[^/\s:@]*:(?!\d{1,5}\/)\S{0,256})@/g
/** At the start of a text, of a URL whose scheme was forgotten, or whose two slashes are others or fewer. */
const BARE_USERINFO = /^[^/\s:@]*:(?!\/\/|\d{1,5}\/)\S{0,256}@/

/**
 * A short, safe text for `value`: strings are quoted, objects show their class and keys but no contents.
 * Never throws; at most 120 characters, without line breaks.
 *
 * @example
 * ```ts
 * import { describeValue } from '@breakwater/kernel'
 *
 * console.log(describeValue('5s')) // "5s"
 * console.log(describeValue({ percent: 50 })) // { percent }
 * console.log(describeValue(10n)) // 10n
 * ```
 */
export function describeValue(value: unknown): string {
  try {
    return cap(describe(value))
  } catch {
    return `unreadable ${typeof value}`
  }
}

/**
 * Name and message of a caught value, which need not be an `Error`. Reads nothing but `name` and `message`, never
 * throws, and returns at most `maxLength` characters for the message.
 *
 * @example
 * ```ts
 * import { describeError } from '@breakwater/kernel'
 *
 * console.log(describeError(new TypeError('no such host'))) // { name: 'TypeError', message: 'no such host' }
 * console.log(describeError(undefined)) // { name: 'undefined', message: 'undefined' }
 * ```
 */
export function describeError(
  error: unknown,
  maxLength = 1_024,
): { readonly name: string; readonly message: string } {
  if ((typeof error !== 'object' && typeof error !== 'function') || error === null) {
    return { name: error === null ? 'null' : typeof error, message: cap(describeValue(error), maxLength) }
  }
  const name = readString(error, 'name')
  const message = readString(error, 'message')
  return {
    name: name === undefined ? 'Error' : cap(name),
    message:
      message === undefined
        ? cap(describeValue(error), maxLength)
        : cap(maskUserinfo(message, maxLength + 1), maxLength),
  }
}

/** `text` on one line, without control characters, at most {@link MAX_DESCRIPTION_LENGTH} characters. */
export function describeText(text: string): string {
  return cap(quote(text).slice(1, -1))
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoteCapped(value)
    case 'bigint':
      return describeBigInt(value)
    case 'symbol':
      return describeText(String(value))
    case 'function':
      return describeFunction(value)
    case 'object':
      return value === null ? 'null' : describeObject(value)
    default:
      return Object.is(value, -0) ? '-0' : String(value)
  }
}

function describeBigInt(value: bigint): string {
  // Printing a huge BigInt in decimal takes quadratic time, so only those of ordinary size are printed.
  return BigInt.asIntN(256, value) === value ? `${value}n` : 'a BigInt of more than 256 bits'
}

function describeFunction(value: object): string {
  const name = readString(value, 'name')
  return name === undefined || name === '' ? 'a function' : `function ${describeText(name)}`
}

function describeObject(value: object): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  const keys = Object.keys(value)
  const more = keys.length > MAX_KEYS_SHOWN ? ', …' : ''
  const shown = keys.slice(0, MAX_KEYS_SHOWN).map(describeText).join(', ')
  const className = classNameOf(value)
  const body = shown === '' ? '{}' : `{ ${shown}${more} }`
  return className === undefined ? body : `${describeText(className)} ${body}`
}

function classNameOf(value: object): string | undefined {
  const prototype: object | null = Object.getPrototypeOf(value)
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined
  return readString(prototype.constructor, 'name')
}

function readString(source: object, key: 'name' | 'message'): string | undefined {
  try {
    const value: unknown = Reflect.get(source, key)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

function quoteCapped(text: string): string {
  const quoted = quote(text)
  return quoted.length <= MAX_DESCRIPTION_LENGTH ? quoted : `${quoted.slice(0, MAX_DESCRIPTION_LENGTH - 2)}…"`
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function quote(text: string): string {
  return JSON.stringify(maskUserinfo(text, MAX_DESCRIPTION_LENGTH + 1)).replace(LEFT_BY_JSON, escaped)
}

function maskUserinfo(text: string, length: number): string {
  const scanned = text.slice(0, MAX_CHARS_SCANNED)
  return scanned.replace(URL_USERINFO, '//***@').replace(BARE_USERINFO, '***@').slice(0, length)
}

function cap(text: string, length: number = MAX_DESCRIPTION_LENGTH): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}
