/**
 * The `Call` of a run that nothing can end early: its signal never aborts.
 */
import type { Call } from '../call.js'

export class PlainCall implements Call {
  private ownSignal: AbortSignal | undefined = undefined

  constructor(readonly name: string | undefined) {}

  get attempt(): number {
    return 1
  }

  get signal(): AbortSignal {
    return (this.ownSignal ??= new AbortController().signal)
  }

  get deadline(): undefined {
    return undefined
  }

  remainingMs(): number {
    return Infinity
  }
}
