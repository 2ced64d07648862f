/** Pure checks behind the options reader: is this value within that rule, and how is the rule put into words. */
import type { Clock } from './clock.js'
import type { Random } from './random.js'
import type { Runtime } from './runtime.js'

/** Bounds of a number, both inclusive. */
export interface NumberRange {
  readonly min?: number
  readonly max?: number
}

/** What a string must look like. */
export interface StringRule {
  /** Must run in linear time: the text comes from outside. */
  readonly pattern?: RegExp
  readonly minLength?: number
  /** Default 1 000. */
  readonly maxLength?: number
  /** Replaces the text of the issue, for example `a host name`. */
  readonly expected?: string
}

/** How many entries a list may have. */
export interface ListRule {
  readonly minLength?: number
  /** Default 10 000. */
  readonly maxLength?: number
}

/** Says what would have been accepted, or `undefined` when the value is fine. */
export type OptionCheck = (value: unknown) => string | undefined

const MAX_HINT_DISTANCE = 2
const MAX_HINT_LENGTH = 64

/** Whether `value` is a finite (or, with `whole`, safe whole) number within the range. */
export function isInRange(value: unknown, rule: NumberRange & { readonly whole?: boolean }): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  if (rule.whole === true && !Number.isSafeInteger(value)) return false
  return value >= (rule.min ?? -Infinity) && value <= (rule.max ?? Infinity)
}

/** The range in words, with a leading blank; empty when there is none. */
export function rangeText({ min, max }: NumberRange): string {
  // Nobody would read 5e-324 as "more than nothing".
  if (min === Number.MIN_VALUE) return max === undefined ? ' above 0' : ` above 0, at most ${max}`
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`
  if (min !== undefined) return ` of at least ${min}`
  return max === undefined ? '' : ` of at most ${max}`
}

/** Whether `value` is a string that follows the rule. */
export function isStringOf(value: unknown, rule: StringRule): boolean {
  const { pattern, minLength = 0, maxLength = 1_000 } = rule
  if (typeof value !== 'string' || value.length < minLength || value.length > maxLength) return false
  // `search` ignores the state that `test` keeps in patterns with the flags g or y.
  return pattern === undefined || value.search(pattern) !== -1
}

/** The rule for a string in words. */
export function stringText({ pattern, minLength = 0, maxLength = 1_000 }: StringRule): string {
  const form = pattern === undefined ? '' : ` that matches ${String(pattern)}`
  return `a string of ${minLength} to ${maxLength} characters${form}`
}

/** Runs a check that may come from elsewhere: one that throws does not accept the value. */
export function runCheck(check: OptionCheck, value: unknown): string | undefined {
  try {
    return check(value)
  } catch {
    return 'a value that can be examined'
  }
}

/** A copy of an array, or `undefined` when `value` is none or cannot be read. */
export function copyArray(value: unknown): unknown[] | undefined {
  try {
    return Array.isArray(value) ? Array.from<unknown>(value) : undefined
  } catch {
    return undefined
  }
}

/** A hint with the known word nearest to `word`, if one is within two edits (or differs only in upper and lower case). */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_HINT_LENGTH) return undefined
  let best: string | undefined
  let bestDistance = MAX_HINT_DISTANCE + 1
  for (const candidate of known) {
    const distance =
      candidate.toLowerCase() === word.toLowerCase() ? 0 : editDistance(word, candidate, bestDistance)
    // Two edits turn any short word into any other: a hint must leave at least half of the word standing.
    if (distance < bestDistance && distance * 2 <= candidate.length) {
      best = candidate
      bestDistance = distance
    }
  }
  return best === undefined ? undefined : `did you mean ${best}?`
}

export const isClock: OptionCheck = hasMethods<Clock>(
  ['now', 'epochNow', 'schedule'],
  'a clock: { now, epochNow, schedule }',
)
export const isRandom: OptionCheck = hasMethods<Random>(['next'], 'a source of chance: { next }')
export const isRuntime: OptionCheck = hasMethods<Runtime>(
  ['register', 'instruments', 'on'],
  'a runtime of createRuntime()',
)

function hasMethods<T>(methods: readonly (keyof T)[], expected: string): OptionCheck {
  return (value) =>
    methods.every((method) => typeof (value as Partial<T> | null)?.[method] === 'function')
      ? undefined
      : expected
}

/**
 * Levenshtein distance in which swapping two neighbours is one edit (optimal string alignment); stops early, with
 * `limit`, once the lengths alone differ by that much.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const edits = [
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        at(beforePrevious, column - 2) + (isSwap ? 1 : Infinity),
      ]
      current.push(Math.min(...edits))
    }
    beforePrevious = previous
    previous = current
  }
  return at(previous, b.length)
}

function at(distances: readonly number[], index: number): number {
  return distances[index] ?? Infinity
}
