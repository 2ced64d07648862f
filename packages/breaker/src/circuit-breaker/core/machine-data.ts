/**
 * What goes into the state machine of a breaker and what comes out of it, as data.
 */
import type { BreakerState, MonotonicMs } from '@breakwater/kernel'
import type { Backoff } from '../../backoff/backoff.js'
import type { Lease } from './lease.js'
import type { HystrixRules } from './line.js'
import type { SavedStatistics } from './statistics.js'
import type { BreakerStats, TripRule } from './trip-rule.js'

/** The options of a breaker as far as they decide anything here. */
export interface MachineConfig {
  readonly trip: readonly TripRule[]
  readonly open: Backoff
  readonly probeLimit: number
  readonly leaseMs: number
  /** Whether a lease lasts at least as long as the call's own time. */
  readonly leaseFollowsTimeout?: boolean
  readonly closeAfter: number
  /** 0: no ramp. */
  readonly rampMs: number
  /** Of the slow-call rule, when there is one. */
  readonly slowerThanMs: number | undefined
  /** Of a breaker that does as Hystrix did, which goes by nothing else here. */
  readonly hystrix?: HystrixRules
}

/** One change of state. */
export interface Transition {
  readonly from: BreakerState
  readonly to: BreakerState
  readonly reason: string
  readonly counts: BreakerStats
  readonly at: MonotonicMs
  /** How long it was in `from`, in milliseconds. */
  readonly afterMs: number
  /** How long the breaker will refuse; only for a transition to `open`. */
  readonly openMs?: number
}

/** What a result says about the dependency. */
export type Verdict = 'success' | 'failure' | 'neutral'

/** How a call was admitted; `lease` is null for one that no questions were asked about. */
export interface AdmittedCall {
  readonly generation: number
  readonly lease: Lease | null
}

/** A machine as JSON, with durations instead of times. */
export interface SavedMachine {
  readonly state: BreakerState
  readonly openForMs: number
  readonly trips: number
  /** The open time before, for back-offs that go by it; absent before the first trip. */
  readonly lastOpenMs?: number
  readonly statistics: SavedStatistics
}

/** The states that a command holds until it is released. */
export type ForcedState = 'forced-open' | 'forced-closed' | 'disabled' | 'metrics-only'
