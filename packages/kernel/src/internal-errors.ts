/**
 * Where errors go that nobody awaits: those thrown by listeners and other callbacks of users. They must not disturb the
 * call during which they happened, and must not vanish either. The list of listeners sits on `globalThis`, so that the
 * ESM and the CommonJS copy of this package share it.
 */
import { describeError } from './describe-value.js'
import { processWide } from './process-wide.js'

/** Hears of an error thrown by a callback; `where` says which callback. What it returns is ignored. */
export type InternalErrorListener = (error: unknown, where: string) => unknown

interface Reports {
  readonly listeners: Set<InternalErrorListener>
  readonly warned: Set<string>
  reporting: boolean
}

const STATE: symbol = Symbol.for('breakwater.internal-errors@1')
const MAX_PLACES_WARNED = 100

/**
 * Subscribes to errors that callbacks of users threw inside the library. Returns the function that unsubscribes.
 * While nobody listens, Node prints one warning per place.
 *
 * @example
 * ```ts
 * import { onInternalError } from '@breakwater/kernel'
 *
 * const unsubscribe = onInternalError((error, where) => console.error(where, error))
 * unsubscribe()
 * ```
 */
export function onInternalError(listener: InternalErrorListener): () => void {
  const { listeners } = reports()
  // A wrapper of its own for each subscription: the same function may subscribe twice.
  const subscription: InternalErrorListener = (error, where) => listener(error, where)
  listeners.add(subscription)
  return () => {
    listeners.delete(subscription)
  }
}

/**
 * Reports an error that must not reach the caller; `where` names the callback. Never throws. Listeners are called at
 * once; one that fails itself is warned about.
 *
 * @example
 * ```ts
 * import { reportInternalError } from '@breakwater/kernel'
 *
 * reportInternalError(new Error('listener failed'), 'listener of "transition"')
 * ```
 */
export function reportInternalError(error: unknown, where: string): void {
  const state = reports()
  // A listener that reports while it hears a report would otherwise call all listeners again, without end.
  if (state.listeners.size === 0 || state.reporting) {
    warnOnce(state, error, where)
    return
  }
  state.reporting = true
  for (const listener of [...state.listeners]) {
    runFenced(
      () => listener(error, where),
      (own) => {
        warnOnce(state, own, 'listener of onInternalError')
      },
    )
  }
  state.reporting = false
}

/**
 * Runs a callback of a user so that it can change nothing here: what it throws, or what the thenable that it returns
 * rejects with, goes to `report`. Never throws if `report` does not.
 *
 * @example
 * ```ts
 * import { reportInternalError, runFenced } from '@breakwater/kernel'
 *
 * runFenced(
 *   () => JSON.parse('{'),
 *   (error) => reportInternalError(error, 'my callback'),
 * )
 * ```
 */
export function runFenced(callback: () => unknown, report: (error: unknown) => void): void {
  try {
    const result = callback()
    if (isThenable(result)) result.then(undefined, report)
  } catch (error) {
    report(error)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveThen = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return mayHaveThen && 'then' in value && typeof value.then === 'function'
}

function reports(): Reports {
  return processWide(STATE, () => ({ listeners: new Set(), warned: new Set(), reporting: false }))
}

function warnOnce({ warned }: Reports, error: unknown, where: string): void {
  if (warned.has(where) || warned.size >= MAX_PLACES_WARNED) return
  warned.add(where)
  const { name, message } = describeError(error)
  process.emitWarning(`${where}: ${name}: ${message}`, {
    type: 'BreakwaterWarning',
    code: 'BREAKWATER_INTERNAL_ERROR',
    detail:
      'An error in a callback was ignored. Listen with onInternalError() to see all; this place warns once.',
  })
}
