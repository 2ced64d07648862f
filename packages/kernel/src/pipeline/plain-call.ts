/**
 * The `Call` of a run that nothing can end early: its signal never aborts. Work that takes no parameter gets a shared
 * one, so it costs nothing; therefore the signal is new at each read and collects no listeners.
 */
import type { Call } from '../call.js'

export class PlainCall implements Call {
  /** For work that cannot see it. */
  static readonly shared: PlainCall = new PlainCall(undefined)

  readonly attempt = 1
  readonly deadline = undefined

  constructor(readonly name: string | undefined) {}

  get signal(): AbortSignal {
    return new AbortController().signal
  }

  remainingMs(): number {
    return Infinity
  }
}
