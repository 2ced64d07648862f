/**
 * What many policies do with their options. Each check answers what was expected instead, or `undefined`.
 */
import type { Clock, Random, Runtime } from '@breakwater/kernel'

/** Names end up as metric labels. */
export const MAX_NAME_LENGTH = 256

/** Where a policy lives, which is no rule of it. */
const PLACE: readonly string[] = ['name', 'group', 'runtime', 'clock', 'random']

/** The rules among the options in force, as `describe` shows them: a runtime or a clock could not be printed. */
export function describedRules(options: object): object {
  return Object.freeze(Object.fromEntries(Object.entries(options).filter(([key]) => !PLACE.includes(key))))
}

export function isClock(value: unknown): string | undefined {
  const { now, epochNow, schedule } = value as Partial<Clock>
  const fits = typeof now === 'function' && typeof epochNow === 'function' && typeof schedule === 'function'
  return fits ? undefined : 'a clock: { now, epochNow, schedule }'
}

export function isRandom(value: unknown): string | undefined {
  return typeof (value as Partial<Random>).next === 'function' ? undefined : 'a source of chance: { next }'
}

export function isRuntime(value: unknown): string | undefined {
  const { register, instruments } = value as Partial<Runtime>
  return typeof register === 'function' && typeof instruments === 'function'
    ? undefined
    : 'a runtime of createRuntime()'
}
