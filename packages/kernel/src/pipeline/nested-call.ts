/**
 * The call of work that a policy of the user's own runs: what we say of it, and what that policy says.
 */
import type { Call } from '../call.js'
import type { MonotonicMs } from '../clock.js'

/** The call that work sees inside of `outer`, where somebody else gave it `given`, which may be anything. */
export function callWithin(outer: Call, given: unknown): Call {
  return given !== outer && isCall(given) ? new NestedCall(outer, given) : outer
}

function isCall(given: unknown): given is Partial<Call> & { readonly signal: AbortSignal } {
  return (
    typeof given === 'object' && given !== null && 'signal' in given && given.signal instanceof AbortSignal
  )
}

class NestedCall implements Call {
  private both: AbortSignal | undefined = undefined

  constructor(
    private readonly outer: Call,
    private readonly given: Partial<Call> & { readonly signal: AbortSignal },
  ) {}

  get name(): string | undefined {
    return this.given.name ?? this.outer.name
  }

  get attempt(): number {
    return this.outer.attempt - 1 + (this.given.attempt ?? 1)
  }

  get signal(): AbortSignal {
    const { outer, given } = this
    return (this.both ??= AbortSignal.any([outer.signal, given.signal]))
  }

  get deadline(): MonotonicMs | undefined {
    const { outer, given } = this
    const earlier = Math.min(outer.deadline ?? Infinity, given.deadline ?? Infinity)
    return earlier === Infinity ? undefined : earlier
  }

  remainingMs(): number {
    return Math.min(this.outer.remainingMs(), this.given.remainingMs?.() ?? Infinity)
  }
}
