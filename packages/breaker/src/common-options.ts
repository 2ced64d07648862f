/**
 * Checks of the options that many policies share. Each answers what was expected instead, or `undefined`.
 */
import type { Clock, Random, Runtime } from '@breakwater/kernel'

/** Names end up as metric labels. */
export const MAX_NAME_LENGTH = 256

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
