/** What many policies do with their options. */
import { isPlainObject } from '@breakwater/kernel'

/** Names end up as metric labels. */
export const MAX_NAME_LENGTH = 256

/** Where a policy lives, which is no rule of it. */
const PLACE: readonly string[] = ['name', 'group', 'runtime', 'clock', 'random']

/** The rules among the options in force, as `describe` shows them: a runtime or a clock could not be printed. */
export function describedRules(options: object): object {
  return Object.freeze(Object.fromEntries(Object.entries(options).filter(([key]) => !PLACE.includes(key))))
}

/**
 * A copy of options that are kept for an update, which reads each of them once: they stay their owner's to change. What
 * cannot be copied is left to the check, and what is frozen stays as it is: trip rules are known by that.
 */
export function copyOptions<T>(given: T, nested: readonly (keyof NonNullable<T> & string)[]): T {
  try {
    if (!isPlainObject(given)) return given
    const copy: Record<string, unknown> = { ...given }
    for (const key of nested) if (Object.hasOwn(copy, key)) copy[key] = copyOf(copy[key])
    return copy as T
  } catch {
    return given
  }
}

function copyOf(value: unknown): unknown {
  if (Object.isFrozen(value)) return value
  if (Array.isArray(value)) return Array.from<unknown>(value)
  return isPlainObject(value) ? { ...value } : value
}
