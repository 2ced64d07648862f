/**
 * `JSON.parse` in slices. The engine parses 10 MB in one go of some 50 ms, too long for an event loop that serves others. A list
 * of instances is nested in a known way (applications, application, instance), so the outer levels are walked here and
 * only the values inside them are given to the engine, one at a time. The text may come in pieces, and is never put together.
 */
import type { Steps } from '../steps.js'
import { TextWindow, wholeText } from './text-window.js'
import type { NextPiece } from './text-window.js'

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
 * a name or a gap between two values of more than 256 Ki characters. A longer value (an instance, a text) is skipped, and
 * `undefined` stands in its place: one that is too long spoils no other. Objects of the outer levels have no prototype.
 * What `text` throws is passed through.
 */
export function* parseLargeJson(text: string | NextPiece, limits: ParseLimits = {}): Steps<unknown> {
  const { slicedFromChars = SLICED_FROM_CHARS, maxLeafChars = MAX_LEAF_CHARS } = limits
  const window = new TextWindow(typeof text === 'string' ? wholeText(text) : text)
  window.reach(slicedFromChars)
  if (window.text.length < slicedFromChars) return JSON.parse(window.text) as unknown
  const cursor: Cursor = { window, pausedAt: 0, maxLeafChars }
  skipBlanks(cursor)
  const value = yield* parseValue(cursor, 0)
  skipBlanks(cursor)
  if (window.reach(1)) throw unexpected(cursor)
  return value
}

interface Cursor {
  readonly maxLeafChars: number
  /** Stands at the next character that is no blank. */
  readonly window: TextWindow
  pausedAt: number
}

function* parseValue(cursor: Cursor, level: number): Steps<unknown> {
  const { window, maxLeafChars } = cursor
  // Asked before each value, so that a million empty containers hold up nobody.
  if (window.position - cursor.pausedAt >= CHARS_PER_STEP) {
    cursor.pausedAt = window.position
    yield
  }
  window.reach(maxLeafChars + 1)
  const first = window.text.charCodeAt(window.at)
  if (level < OUTER_LEVELS && first === OPEN_BRACE) return yield* parseObject(cursor, level)
  if (level < OUTER_LEVELS && first === OPEN_BRACKET) return yield* parseArray(cursor, level)
  const start = window.at
  const end = endOfValue(cursor)
  if (end === undefined) return yield* skipValue(cursor)
  window.at = end
  return JSON.parse(window.text.slice(start, end)) as unknown
}

function* parseObject(cursor: Cursor, level: number): Steps<unknown> {
  const { window, maxLeafChars } = cursor
  const object = Object.create(null) as Record<string, unknown>
  if (isAtEnd(cursor, CLOSE_BRACE)) return object
  do {
    window.reach(maxLeafChars + 1)
    if (window.text.charCodeAt(window.at) !== QUOTE) throw unexpected(cursor)
    const start = window.at
    const end = endOfString(cursor, start)
    if (end === undefined) throw tooLong(maxLeafChars)
    window.at = end
    const key = JSON.parse(window.text.slice(start, end)) as string
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
  const { window } = cursor
  window.at++
  skipBlanks(cursor)
  if (window.text.charCodeAt(window.at) !== close) return false
  window.at++
  return true
}

/** Passes what follows a member: a comma (more comes) or the end of the container. */
function hasNext(cursor: Cursor, close: number): boolean {
  const { window } = cursor
  skipBlanks(cursor)
  const code = window.text.charCodeAt(window.at)
  if (code !== COMMA && code !== close) throw unexpected(cursor)
  window.at++
  if (code === close) return false
  skipBlanks(cursor)
  return true
}

function step(cursor: Cursor, expected: number): void {
  const { window } = cursor
  skipBlanks(cursor)
  if (window.text.charCodeAt(window.at) !== expected) throw unexpected(cursor)
  window.at++
  skipBlanks(cursor)
}

/** Passes a value that is too long, and looks at no more of it than is needed to find its end. */
function* skipValue({ window }: Cursor): Steps<undefined> {
  let depth = 0
  let isText = false
  for (let skipped = 1; window.reach(1); window.at++, skipped++) {
    if (skipped % CHARS_PER_STEP === 0) yield
    const code = window.text.charCodeAt(window.at)
    if (code === QUOTE) isText = !isText
    else if (isText) {
      // What is escaped ends no text.
      if (code === BACKSLASH && window.reach(2)) window.at++
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return undefined
      if (code !== COMMA) depth--
    }
  }
  return undefined
}

/** The end of the value at the cursor, if it is near enough. Only finds it: the engine, which gets the text, judges it. */
function endOfValue(cursor: Cursor): number | undefined {
  const { maxLeafChars } = cursor
  const { text, at: start } = cursor.window
  const limit = Math.min(text.length, start + maxLeafChars)
  let depth = 0
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(cursor, at)
      if (end === undefined) return undefined
      if (depth === 0) return end
      at = end - 1
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (depth === 0) return at
      if (--depth === 0) return at + 1
    } else if (depth === 0 && code === COMMA) return at
  }
  return limit < text.length ? undefined : limit
}

/** The position after the string that begins at `start`; `undefined` if it is too long. */
function endOfString({ window: { text, isLast }, maxLeafChars }: Cursor, start: number): number | undefined {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    if (at - start > maxLeafChars) return undefined
    let slashes = 0
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at + 1
  }
  if (!isLast) return undefined
  throw new SyntaxError('Unterminated string in JSON')
}

function skipBlanks({ window, maxLeafChars }: Cursor): void {
  for (let skipped = 0; window.reach(1); window.at++, skipped++) {
    const code = window.text.charCodeAt(window.at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    if (skipped === maxLeafChars) throw tooLong(maxLeafChars)
  }
}

function tooLong(maxLeafChars: number): SyntaxError {
  return new SyntaxError(`JSON name or gap of more than ${maxLeafChars} characters`)
}

function unexpected({ window }: Cursor): SyntaxError {
  return new SyntaxError(
    window.reach(1)
      ? `Unexpected token in JSON at position ${window.position}`
      : 'Unexpected end of JSON input',
  )
}
