// What the harness asks of every library under test. An adapter turns a *build* (which policies, how the work behaves)
// into one function that makes one call, using the library the way its own documentation shows.

/** The work being protected. The same function is called bare, without a context, for the baseline. */
export type Work = (context?: { readonly signal?: AbortSignal }) => unknown

/** Which policies are put together. `five` = fallback, retry, breaker, bulkhead, timeout. */
export type Policies = 'breaker' | 'timeout' | 'five'

/**
 * What happens to the call. `closed`: the work succeeds. `fails`: the work rejects, the breaker is set not to trip, nothing is
 * retried, and the caller sees the error. `fails-fallback`: the same, and the fallback answers. `open`: the breaker has tripped by
 * real failures and rejects. `open-fallback`: the same, and the fallback answers.
 */
export type Mode = 'closed' | 'fails' | 'fails-fallback' | 'open' | 'open-fallback'

/** One thing to build. */
export interface Build {
  readonly policies: Policies
  readonly mode: Mode
  readonly work: Work
  /** Unique in the process; for libraries that keep a registry by name. */
  readonly key: string
}

/** A library, set up and ready to be called. */
export interface Subject {
  readonly call: () => unknown
  /** Stops timers, so that the process can end and memory can be freed. */
  readonly dispose?: () => void
}

/** Makes a subject, or nothing when the library cannot do what the build asks. */
type Adapter = (build: Build) => Subject | undefined

/** For the idle scenario: makes one breaker at a time, and uses it once. */
export interface IdleAdapter<B> {
  readonly create: (index: number) => B
  readonly use: (breaker: B) => unknown
}

/** A breaker, and ways to read it; what a library has no reader of its own for is left out. */
export interface Readers {
  readonly call: (work: Work) => unknown
  readonly totals?: () => unknown
  readonly p99?: () => unknown
  readonly snapshot: () => unknown
  /** What exporters read. */
  readonly scrape?: () => unknown
}

/** A library under a fault. Times are left at the library's defaults unless given. */
export interface FaultSettings {
  readonly work: Work
  readonly timeoutMs?: number
  readonly openMs?: number
}

/** What a fault scenario asks of a library. */
export interface Faulted {
  readonly call: () => Promise<unknown>
  readonly isOpen: () => boolean
  readonly isTimeout: (error: unknown) => boolean
}

/** A module of adapters: one library, one setting each. */
export interface Library {
  readonly adapter: Adapter
  readonly idle?: IdleAdapter<unknown>
  readonly readers?: () => Readers
  readonly faulted?: (settings: FaultSettings) => Faulted
  /** Only ours: makes the process look like a service before calls are timed. */
  readonly warm?: () => Promise<void>
}

/** Bound that no window fills: for "the breaker must not trip" and "the bulkhead is never full". */
export const NEVER = 1_000_000_000

/** Timeout of every timed build; long enough never to fire. */
export const TIMEOUT_MS = 10_000

/** How long an opened breaker stays open; longer than any run. */
export const OPEN_MS = 600_000

/** Bulkhead size of every five-policy build; never full. */
export const BULKHEAD_LIMIT = 1_000
