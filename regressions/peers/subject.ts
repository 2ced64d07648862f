/**
 * What a scenario may ask of a library, whichever it is. As wide as the scenarios need, and no wider.
 */

/** What is done under protection. The signal never aborts where a library gives its work none. */
export type Work = (call: { readonly signal: AbortSignal }) => unknown

export type State = 'closed' | 'open' | 'half-open'

export interface BreakerParts {
  readonly opens:
    | 'by default'
    /** After so many failures and no success; where a library can, because they came in a row. */
    | { readonly afterFailures: number }
    /** After so many failures in a row; a library that cannot count these does not have it. */
    | { readonly inARow: number }
    /** From `volume` calls in the window, when more than this share of them failed. */
    | { readonly percent: number; readonly volume: number; readonly windowMs: number }
  readonly openMs?: number
  /** The errors that say nothing about the dependency. */
  readonly ignores?: (error: unknown) => boolean
  /** What `save` of another stack gave. */
  readonly restore?: string
}

/** A store of answers that works over a network, so that it answers with promises. */
interface CacheStore {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): void
  flush(): void
}

/** One call's protection: fallback( retry( breaker( bulkhead( timeout( work ))))), of which only the named parts are there. */
export interface Parts {
  readonly breaker?: BreakerParts
  readonly timeoutMs?: number
  /** Calls that may run at once. */
  readonly limit?: number
  /** Whether all its slots are taken for good. */
  readonly full?: boolean
  /** Calls that may wait for a slot. */
  readonly queue?: number
  readonly retry?: 'by default' | { readonly maxRetries: number; readonly delayMs: number }
  readonly fallback?: (cause: unknown) => unknown
  /** A fallback that is asked about ignored errors, too. */
  readonly fallbackForIgnored?: boolean
  /** Told how each call ended, in the library's own way of telling. */
  readonly onEnd?: (kind: 'success' | 'failure') => void
  /** Whether callers give a signal of their own. */
  readonly callersAbort?: boolean
  /** Calls with the same arguments share one answer. */
  readonly coalesce?: boolean
  readonly cache?: CacheStore
  /** The cheapest statistics that the library offers. */
  readonly lean?: boolean
}

/** Something protected, as one library does it. */
export interface Stack {
  call(work: Work, signal?: AbortSignal): Promise<unknown>
  /** Its breaker, as the library made it. */
  breaker(): object
  /** The state of its breaker. */
  state(): State
  /** Its breaker's state, as text for another process. */
  save(): string
  /** Runs a check of the dependency at once and then every so often. */
  checkHealth(check: () => unknown, everyMs: number): void
  shutDown(): void
}

export interface Library {
  readonly name: 'Breakwater' | 'opossum' | 'cockatiel'
  /** Throws {@link Lacks} when it has not all of these parts. */
  build(parts: Parts): Stack
  /** Two breakers that open at the second failure, made from one options object, and whether that object was changed. */
  twoFromOneObject(): { readonly stacks: readonly [Stack, Stack]; readonly changed: boolean }
}

/** A library does not have what a scenario is about. */
export class Lacks extends Error {
  constructor(what: string) {
    super(`does not have: ${what}`)
  }
}

/** Throws {@link Lacks} when any of `unavailable` is asked for. */
export function refuse(parts: Parts, unavailable: readonly (keyof Parts)[]): void {
  const missing = unavailable.find((part) => parts[part] !== undefined)
  if (missing !== undefined) throw new Lacks(missing)
}
