/**
 * The `Call` of runs that nothing can end early: its signal never aborts.
 */
import type { Call } from '../call.js'

/**
 * Says the same to every work, so one that nobody can change may serve many calls, until somebody reads its signal: from
 * then on it belongs to him, because he may put listeners there.
 */
export class PlainCall implements Call {
  // Can be set though the object is frozen.
  #signal: AbortSignal | undefined = undefined

  constructor(readonly name: string | undefined) {}

  get attempt(): number {
    return 1
  }

  get signal(): AbortSignal {
    return (this.#signal ??= new AbortController().signal)
  }

  /** Whether its signal was read. */
  get isTaken(): boolean {
    return this.#signal !== undefined
  }

  get deadline(): undefined {
    return undefined
  }

  remainingMs(): number {
    return Infinity
  }
}
