/**
 * Checks what a caller says about one call, at little cost when all is well.
 */
import type { CallOptions } from '../call.js'
import { CallerSignal } from '../caller-signal.js'
import { InvalidOptionsError } from '../errors.js'
import { MAX_DURATION_MS, readOptions } from '../options.js'

/** The error for call options that cannot be meant, or `undefined`. */
export function callOptionsError(options: CallOptions): InvalidOptionsError | undefined {
  if (isFine(options)) return undefined
  try {
    const read = readOptions('a call', options, ['signal', 'budgetMs'])
    read.custom('signal', undefined, (value) => (isSignal(value) ? undefined : 'an AbortSignal'))
    // Infinity is what `call.remainingMs()` says without a deadline.
    if (read.value('budgetMs') !== Infinity) read.durationMs('budgetMs', undefined)
    read.finish()
    return undefined
  } catch (error) {
    if (error instanceof InvalidOptionsError) return error
    throw error
  }
}

function isFine(options: unknown): boolean {
  try {
    return isPlainlyFine(options)
  } catch {
    // What cannot be read is named like every other fault.
    return false
  }
}

function isPlainlyFine(options: unknown): boolean {
  if (options === null || typeof options !== 'object' || Object.getPrototypeOf(options) !== Object.prototype)
    return false
  const { signal, budgetMs } = options as CallOptions
  if (signal !== undefined && !(signal instanceof AbortSignal || isOurs(signal))) return false
  if (
    budgetMs !== undefined &&
    !(typeof budgetMs === 'number' && budgetMs >= 0 && budgetMs <= MAX_DURATION_MS)
  )
    return false
  for (const key in options) if (key !== 'signal' && key !== 'budgetMs') return false
  return true
}

// Who has one gave it a type that only looks like it.
function isOurs(signal: unknown): boolean {
  return signal instanceof CallerSignal
}

function isSignal(value: unknown): boolean {
  const { aborted, addEventListener, removeEventListener } = (value ?? {}) as Partial<AbortSignal>
  return (
    typeof aborted === 'boolean' &&
    typeof addEventListener === 'function' &&
    typeof removeEventListener === 'function'
  )
}
