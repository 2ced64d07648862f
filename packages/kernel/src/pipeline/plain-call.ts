/**
 * The `Call`s of runs that nothing can end early: their signals never abort.
 */
import type { Call } from '../call.js'

/**
 * The `Call` that a fallback sees when an open breaker has refused the call: there was none, so all see the same. Each
 * gets a signal of his own, so that listeners do not gather on one that lives long.
 */
export class RefusedCall implements Call {
  readonly attempt: number = 1
  readonly deadline: undefined = undefined

  constructor(readonly name: string | undefined) {
    Object.freeze(this)
  }

  get signal(): AbortSignal {
    return new AbortController().signal
  }

  remainingMs(): number {
    return Infinity
  }
}

/** The `Call` of any other run of this kind. */
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
