/**
 * The one way in which every package reads its options. A reader takes a snapshot of the given object once, hands out
 * checked values, collects every fault, and throws them all together from `finish()`. `undefined` means "default";
 * `0`, `false` and `''` are values. The given object is never changed, and inherited properties are never read.
 */
import type { Clock } from './clock.js'
import { InvalidOptionsError } from './invalid-options-error.js'
import type { OptionIssue } from './invalid-options-error.js'
import {
  copyArray,
  didYouMean,
  isClock,
  isInRange,
  isRandom,
  isRuntime,
  isStringOf,
  rangeText,
  runCheck,
  stringText,
} from './option-checks.js'
import type { ListRule, NumberRange, OptionCheck, StringRule } from './option-checks.js'
import { readOwn } from './own-properties.js'
import { guardedRandom, type Random } from './random.js'
import type { Runtime } from './runtime.js'

export type { ListRule, NumberRange, OptionCheck, StringRule } from './option-checks.js'

/** The longest duration that a Node timer can wait for, 2^31 − 1 ms: about 24.8 days. */
export const MAX_DURATION_MS: number = 2 ** 31 - 1

const NO_ISSUE: OptionCheck = () => undefined

/**
 * Starts reading the options of `component`. `known` lists every key that it understands; any other key is an issue.
 *
 * @example
 * ```ts
 * import { readOptions } from '@breakwater/kernel'
 *
 * interface TimeoutOptions { readonly timeoutMs?: number; readonly name?: string }
 *
 * function resolveTimeoutOptions(options?: TimeoutOptions): { timeoutMs: number; name: string | undefined } {
 *   const read = readOptions('Timeout', options, ['timeoutMs', 'name'])
 *   const resolved = {
 *     timeoutMs: read.durationMs('timeoutMs', 1_000, { min: 1 }),
 *     name: read.string('name', undefined),
 *   }
 *   read.finish()
 *   return Object.freeze(resolved)
 * }
 * console.log(resolveTimeoutOptions({ timeoutMs: 250 }).timeoutMs) // 250
 * ```
 */
export function readOptions<const K extends string>(
  component: string,
  given: unknown,
  known: readonly K[],
): OptionReader<K> {
  return new OptionReader({ component, prefix: '', issues: [] }, given, known)
}

interface ReaderScope {
  readonly component: string
  readonly prefix: string
  readonly issues: OptionIssue[]
}

/** Reads and checks the options of one component; made by {@link readOptions}. */
export class OptionReader<K extends string = string> {
  private readonly scope: ReaderScope
  private readonly values: ReadonlyMap<string, unknown>
  private isUsable = true

  constructor(scope: ReaderScope, given: unknown, known: readonly K[]) {
    this.scope = scope
    this.values = this.snapshot(given, known)
  }

  /** Every issue found so far, also those of nested readers. */
  get issues(): readonly OptionIssue[] {
    return this.scope.issues
  }

  /** Whether the option was given, with a value other than `undefined` that could be read. */
  has(key: K): boolean {
    return this.values.has(key)
  }

  /** The value as given, unchecked. */
  value(key: K): unknown {
    return this.values.get(key)
  }

  /** A finite number of milliseconds, by default from 0 to {@link MAX_DURATION_MS}. */
  durationMs<D extends number | undefined>(key: K, fallback: D, range: NumberRange = {}): number | D {
    const { min = 0, max = MAX_DURATION_MS } = range
    return this.numeric(key, fallback, { kind: 'a number of milliseconds', min, max })
  }

  /** A whole number that is exact in floating point. */
  integer<D extends number | undefined>(key: K, fallback: D, range: NumberRange = {}): number | D {
    return this.numeric(key, fallback, { kind: 'a whole number', whole: true, ...range })
  }

  /** A finite number. */
  number<D extends number | undefined>(key: K, fallback: D, range: NumberRange = {}): number | D {
    return this.numeric(key, fallback, { kind: 'a number', ...range })
  }

  boolean<D extends boolean | undefined>(key: K, fallback: D): boolean | D {
    return this.custom<boolean, D>(key, fallback, (value) =>
      typeof value === 'boolean' ? undefined : 'true or false',
    )
  }

  string<D extends string | undefined>(key: K, fallback: D, rule: StringRule = {}): string | D {
    return this.custom<string, D>(key, fallback, (value) =>
      isStringOf(value, rule) ? undefined : (rule.expected ?? stringText(rule)),
    )
  }

  /** One of a few values; a near miss among strings gets a hint. */
  oneOf<const V extends string | number | boolean | null, const D extends V | undefined>(
    key: K,
    fallback: D,
    values: readonly V[],
  ): V | D {
    const given = this.value(key)
    const found = values.find((value) => value === given)
    if (found !== undefined) return found
    if (!this.has(key)) return fallback
    const names = values.filter((value) => typeof value === 'string')
    const expected = `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`
    this.issue(key, given, expected, typeof given === 'string' ? didYouMean(given, names) : undefined)
    return fallback
  }

  /** A function or `undefined`. Its parameters cannot be checked: `F` is what the caller's type declares. */
  fn<F extends (...args: never[]) => unknown>(key: K): F | undefined {
    return this.custom<F, undefined>(key, undefined, (value) =>
      typeof value === 'function' ? undefined : 'a function',
    )
  }

  /** An instance of `type`. */
  instance<T, D extends T | undefined>(
    key: K,
    fallback: D,
    type: abstract new (...args: never[]) => T,
  ): T | D {
    return this.custom<T, D>(key, fallback, (value) =>
      value instanceof type ? undefined : `an instance of ${type.name}`,
    )
  }

  /** A clock, known by its methods; so are the next two, which may come from another copy of the library. */
  clock<D extends Clock | undefined>(key: K, fallback: D): Clock | D {
    return this.custom<Clock, D>(key, fallback, isClock)
  }

  random<D extends Random | undefined>(key: K, fallback: D): Random | D {
    return guardedRandom(this.custom<Random, D>(key, fallback, isRandom))
  }

  runtime<D extends Runtime | undefined>(key: K, fallback: D): Runtime | D {
    return this.custom<Runtime, D>(key, fallback, isRuntime)
  }

  /** Any value that `check` accepts; a check that throws does not accept. `T` is what `check` stands for. */
  custom<T, D extends T | undefined>(key: K, fallback: D, check: OptionCheck): T | D {
    if (!this.has(key)) return fallback
    const value = this.value(key)
    const expected = runCheck(check, value)
    // The check has just established what the type says; there is no way to express this link to the compiler.
    if (expected === undefined) return value as T
    this.issue(key, value, expected)
    return fallback
  }

  /** An array whose every entry passes `check`, as a frozen copy; each bad entry is an issue at `key[index]`. */
  list<T, D extends readonly T[] | undefined>(
    key: K,
    fallback: D,
    check: OptionCheck = NO_ISSUE,
    rule: ListRule = {},
  ): readonly T[] | D {
    if (!this.has(key)) return fallback
    const value = this.value(key)
    const entries = copyArray(value)
    const { minLength = 0, maxLength = 10_000 } = rule
    if (entries === undefined || entries.length < minLength || entries.length > maxLength) {
      this.issue(key, value, `an array of ${minLength} to ${maxLength} entries`)
      return fallback
    }
    const before = this.scope.issues.length
    entries.forEach((entry, index) => {
      const expected = runCheck(check, entry)
      if (expected !== undefined) this.issue(`${key}[${index}]`, entry, expected)
    })
    // As in `custom`: every entry has been checked.
    return this.scope.issues.length === before ? Object.freeze(entries as T[]) : fallback
  }

  /** A reader for the object at `key`; its issues carry the path `key.…` and end in the same error. Absent reads as `{}`. */
  nested<const C extends string>(key: K, known: readonly C[]): OptionReader<C> {
    return new OptionReader({ ...this.scope, prefix: `${this.scope.prefix}${key}.` }, this.value(key), known)
  }

  /**
   * Adds an issue, for rules about several options; `path` is relative to this reader. What is no object as a whole is one
   * mistake: nothing further is said about what is missing in it.
   */
  issue(path: string, received: unknown, expected: string, hint?: string): void {
    if (!this.isUsable) return
    const issue = { path: `${this.scope.prefix}${path}`, received, expected }
    this.scope.issues.push(Object.freeze(hint === undefined ? issue : { ...issue, hint }))
  }

  /** Throws one `InvalidOptionsError` with every issue, if there is any. */
  finish(): void {
    const { component, issues } = this.scope
    if (issues.length > 0) throw new InvalidOptionsError(`Invalid options for ${component}`, { issues })
  }

  private numeric<D extends number | undefined>(
    key: K,
    fallback: D,
    rule: NumberRange & { readonly kind: string; readonly whole?: boolean },
  ): number | D {
    const value = this.value(key)
    // Adding zero turns −0 into 0.
    if (isInRange(value, rule)) return value + 0
    if (this.has(key)) this.issue(key, value, `${rule.kind}${rangeText(rule)}`)
    return fallback
  }

  private snapshot(given: unknown, known: readonly K[]): ReadonlyMap<string, unknown> {
    const { values, unknown, unreadable, usable } = readOwn(given, known)
    if (!usable) this.refuseWhole(given)
    for (const [key, value] of unknown) this.issue(key, value, 'a known option', didYouMean(key, known))
    for (const key of unreadable) this.issue(key, undefined, 'a readable value')
    return values
  }

  private refuseWhole(given: unknown): void {
    this.isUsable = false
    const path = this.scope.prefix.slice(0, -1)
    this.scope.issues.push(Object.freeze({ path, received: given, expected: 'a plain object' }))
  }
}
