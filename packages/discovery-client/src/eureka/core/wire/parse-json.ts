/**
 * `JSON.parse` in slices. The engine parses 10 MB in one go of some 50 ms, too long for an event loop that serves others. A list
 * of instances is nested in a known way (applications, application, instance), so the outer levels are walked here and
 * only the values inside them are given to the engine, one at a time.
 */
import type { Steps } from '../steps.js'

/** Below this length the engine parses the whole text at once: well under a millisecond. */
export const SLICED_FROM_CHARS: number = 128 * 1_024
/** The longest value below the outer levels; an instance takes about one kilobyte. */
const MAX_LEAF_CHARS = 256 * 1_024
/** root, applications, application list, application, instance list */
const OUTER_LEVELS = 5
const CHARS_PER_STEP = 32 * 1_024

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Where slicing starts, and how long a value inside may be; for tests. */
export interface ParseLimits {
  readonly slicedFromChars?: number
  readonly maxLeafChars?: number
}

/**
 * The value of a JSON text. Throws `SyntaxError` for exactly the texts for which `JSON.parse` does, and for those with
 * a value of more than 256 Ki characters below the list of instances. Objects of the outer levels have no prototype.
 */
export function* parseLargeJson(text: string, limits: ParseLimits = {}): Steps<unknown> {
  const { slicedFromChars = SLICED_FROM_CHARS, maxLeafChars = MAX_LEAF_CHARS } = limits
  if (text.length < slicedFromChars) return JSON.parse(text) as unknown
  const cursor: Cursor = { text, at: skipBlanks(text, 0), pausedAt: 0, maxLeafChars }
  const value = yield* parseValue(cursor, 0)
  if (skipBlanks(text, cursor.at) !== text.length) throw unexpected(cursor)
  return value
}

interface Cursor {
  readonly text: string
  readonly maxLeafChars: number
  /** At the next character that is no blank. */
  at: number
  pausedAt: number
}

function* parseValue(cursor: Cursor, level: number): Steps<unknown> {
  // Asked before each value, so that a million empty containers hold up nobody.
  if (cursor.at - cursor.pausedAt >= CHARS_PER_STEP) {
    cursor.pausedAt = cursor.at
    yield
  }
  const first = cursor.text.charCodeAt(cursor.at)
  if (level < OUTER_LEVELS && first === OPEN_BRACE) return yield* parseObject(cursor, level)
  if (level < OUTER_LEVELS && first === OPEN_BRACKET) return yield* parseArray(cursor, level)
  const start = cursor.at
  cursor.at = endOfValue(cursor)
  return JSON.parse(cursor.text.slice(start, cursor.at)) as unknown
}

function* parseObject(cursor: Cursor, level: number): Steps<unknown> {
  const object = Object.create(null) as Record<string, unknown>
  if (isAtEnd(cursor, CLOSE_BRACE)) return object
  do {
    if (cursor.text.charCodeAt(cursor.at) !== QUOTE) throw unexpected(cursor)
    const start = cursor.at
    cursor.at = endOfString(cursor, start)
    const key = JSON.parse(cursor.text.slice(start, cursor.at)) as string
    step(cursor, COLON)
    object[key] = yield* parseValue(cursor, level + 1)
  } while (hasNext(cursor, CLOSE_BRACE))
  return object
}

function* parseArray(cursor: Cursor, level: number): Steps<unknown> {
  const array: unknown[] = []
  if (isAtEnd(cursor, CLOSE_BRACKET)) return array
  do {
    array.push(yield* parseValue(cursor, level + 1))
  } while (hasNext(cursor, CLOSE_BRACKET))
  return array
}

/** Enters a container; whether it is empty, and left again. */
function isAtEnd(cursor: Cursor, close: number): boolean {
  cursor.at = skipBlanks(cursor.text, cursor.at + 1)
  if (cursor.text.charCodeAt(cursor.at) !== close) return false
  cursor.at++
  return true
}

/** Passes what follows a member: a comma (more comes) or the end of the container. */
function hasNext(cursor: Cursor, close: number): boolean {
  cursor.at = skipBlanks(cursor.text, cursor.at)
  const code = cursor.text.charCodeAt(cursor.at)
  if (code !== COMMA && code !== close) throw unexpected(cursor)
  cursor.at++
  if (code === close) return false
  cursor.at = skipBlanks(cursor.text, cursor.at)
  return true
}

function step(cursor: Cursor, expected: number): void {
  cursor.at = skipBlanks(cursor.text, cursor.at)
  if (cursor.text.charCodeAt(cursor.at) !== expected) throw unexpected(cursor)
  cursor.at = skipBlanks(cursor.text, cursor.at + 1)
}

/** The end of the value at the cursor. Only finds it: the engine, which gets the text, judges it. */
function endOfValue(cursor: Cursor): number {
  const { text, maxLeafChars } = cursor
  const limit = Math.min(text.length, cursor.at + maxLeafChars)
  let depth = 0
  for (let at = cursor.at; at < limit; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = endOfString(cursor, at) - 1
      if (depth === 0) return at + 1
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (depth === 0 && code === COMMA) return at
  }
  if (limit < text.length) throw new SyntaxError(`JSON value of more than ${maxLeafChars} characters`)
  return limit
}

/** The position after the string that begins at `start`. */
function endOfString({ text, maxLeafChars }: Cursor, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    if (at - start > maxLeafChars) throw new SyntaxError(`JSON value of more than ${maxLeafChars} characters`)
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at + 1
  }
  throw new SyntaxError('Unterminated string in JSON')
}

function skipBlanks(text: string, from: number): number {
  let at = from
  for (; ; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at
  }
}

function unexpected({ text, at }: Cursor): SyntaxError {
  return new SyntaxError(
    at < text.length ? `Unexpected token in JSON at position ${at}` : 'Unexpected end of JSON input',
  )
}
