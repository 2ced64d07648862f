/**
 * What exporters can read: named policies and commands show their numbers through instruments, which are asked when
 * somebody scrapes and cost nothing otherwise. All counters are monotone for the life of the instrument.
 */
import type { LatencyHistogram } from './core/histogram.js'
import type { OutcomeKind } from './outcome.js'

/** The states of a circuit breaker. */
export type BreakerState =
  'closed' | 'open' | 'half-open' | 'forced-open' | 'forced-closed' | 'disabled' | 'metrics-only'

/** How one execution of a command ended, in the words of the metric catalogue. */
export type ExecutionOutcome =
  'success' | 'failure' | 'timeout' | 'short_circuited' | 'semaphore_rejected' | 'bad_request' | 'cancelled'

/** What the fallback stage did for a call that needed one. */
export type FallbackOutcome = 'success' | 'failure' | 'rejected' | 'missing'

/** How the further attempts of a call ended up; `attempt` counts each single retry. */
export interface RetryCounts {
  /** Further attempts made. */
  readonly attempts: number
  /** Calls that a further attempt saved. */
  readonly success: number
  /** Calls that failed after further attempts, and might have had more. */
  readonly failure: number
  /** Calls that failed with all attempts or the budget used up. */
  readonly exhausted: number
}

export interface CommandReading {
  /** Exactly one per ended call. */
  readonly executions: Readonly<Record<ExecutionOutcome, number>>
  readonly fallbacks: Readonly<Record<FallbackOutcome, number>>
  /** Calls whose caller saw an error, other than his own abort. */
  readonly exceptionsThrown: number
  readonly retries: RetryCounts
  readonly inFlight: number
  /** Run time of the attempts that ended calls, in milliseconds. */
  readonly latency: LatencyHistogram
  /** The time of a whole call, when it has a limit. */
  readonly timeoutMs: number | undefined
}

export interface BreakerReading {
  readonly state: BreakerState
  /** Time spent in each state until now, in milliseconds. */
  readonly stateMs: Readonly<Record<BreakerState, number>>
  readonly transitions: readonly {
    readonly from: BreakerState
    readonly to: BreakerState
    readonly count: number
  }[]
  /** Wall-clock time of the last transition, in milliseconds; absent before the first. */
  readonly lastTransitionAt: number | undefined
  /** What the breaker judges by. */
  readonly window: { readonly requests: number; readonly errorRatio: number }
  /** The configuration in force, as far as the trip rules have such a number. */
  readonly errorThresholdRatio: number | undefined
  readonly requestVolumeThreshold: number | undefined
  /** The open time that a first trip gets at most. */
  readonly openMs: number | undefined
  readonly probes: Readonly<Record<OutcomeKind, number>>
  readonly rejections: number
}

export interface BulkheadReading {
  readonly active: number
  readonly limit: number
  readonly queueSize: number
  readonly queueLimit: number
  readonly rejections: Readonly<Record<'concurrency' | 'queue_full' | 'queue_timeout', number>>
  /** Time that those who were queued waited, in milliseconds. */
  readonly queueWait: LatencyHistogram
  /** Of one that finds its limit by itself. */
  readonly adaptive?: {
    /** The limit that was found. */
    readonly limit: number
    /** The latency without a queue, in milliseconds; absent where nobody asks for it. */
    readonly minRttMs: number | undefined
  }
}

/** What a client of a registry of services has seen. Times are of the wall clock, in milliseconds. */
export interface RegistryReading {
  /** Fetches of the registry, whole or what changed. */
  readonly fetches: readonly {
    readonly kind: string
    readonly outcome: 'success' | 'failure'
    readonly count: number
  }[]
  /** How long fetches took, in milliseconds. */
  readonly fetchLatency: LatencyHistogram
  /** When a server last confirmed or changed the registry; absent before the first time. */
  readonly lastFetchAt: number | undefined
  /** When a server last took a registration or a heartbeat; absent before the first time, and where nothing is registered. */
  readonly lastHeartbeatAt: number | undefined
  /** `unknown`: the server did not know the instance any more. */
  readonly heartbeats: Readonly<Record<'success' | 'unknown' | 'failure', number>>
  /** Registrations after the first. */
  readonly reregistrations: number
  /** Changes after which our picture of the registry was not the server's. */
  readonly mismatches: number
  /** Entries of the server that could not be used. */
  readonly droppedEntries: number
  /** Registries put off because they were suspiciously small. */
  readonly heldRegistries: number
  /** Instances known now, by status. */
  readonly instances: Readonly<Record<string, number>>
  /** The status of our own instance as the registry has it; absent where nothing is registered. */
  readonly ownStatus: string | undefined
  /** Servers that are left alone because they failed. */
  readonly quarantinedServers: number
  /** Servers known. */
  readonly servers: number
  /** How old the list of servers is; absent before the first. */
  readonly serverListAgeMs: number | undefined
  /** Requests to servers, each attempt counted. */
  readonly requests: readonly {
    readonly operation: string
    readonly outcome: string
    readonly count: number
  }[]
}

/** One instance as a balancer sees it. */
export interface BalancedInstanceReading {
  readonly id: string
  readonly zone: string | undefined
  /** `ejected`: out of service as an outlier; `trial`: about to show whether it is back; `down`: the source says so. */
  readonly state: 'available' | 'ejected' | 'trial' | 'down'
  readonly inFlight: number
  /** How many calls may be in flight to it now; absent where they are not limited. */
  readonly limit?: number | undefined
  /** Latency to expect, in milliseconds; absent before the first answer. */
  readonly latencyMs: number | undefined
  /** What the strategy decides by, if it has such a number; lower is better. */
  readonly score: number | undefined
  /** Ended calls; `neutral` are those that say nothing about the instance. */
  readonly calls: Readonly<Record<'success' | 'failure' | 'timeout' | 'neutral', number>>
}

/** What a balancer has done. */
export interface BalancerReading {
  readonly strategy: string
  /**
   * Ended calls by outcome, over all instances that ever were; `no_instance`: there was nobody to call; `full`: all had as many
   * as they may have. Balancers of other makers that limit nothing need not say it.
   */
  readonly calls: Readonly<Record<OutcomeKind | 'no_instance', number>> & { readonly full?: number }
  readonly inFlight: number
  /** Those of the present list. */
  readonly instances: readonly BalancedInstanceReading[]
  /** What each detector of outliers has found: how many were ejected for it, and how many were not, by reason. */
  readonly ejections: readonly {
    readonly detector: string
    readonly enforced: number
    readonly unenforced: Readonly<Record<string, number>>
  }[]
  /** Too few instances are in service now, so ejection is not heeded. */
  readonly panic: boolean
  /** Choices made in a panic. */
  readonly panicPicks: number
  /** How often pickers were made. */
  readonly rebuilds: number
  /** When the source last heard of the list, by the wall clock, in milliseconds; absent before the first time. */
  readonly listUpdatedAt: number | undefined
}

interface Named<K extends string, R> {
  readonly kind: K
  readonly name: string
  readonly group?: string | undefined
  /** The numbers of this moment. */
  read(): R
}

/** The read-only face of a named policy or command. */
export type Instrument =
  | Named<'command', CommandReading>
  | Named<'breaker', BreakerReading>
  | Named<'bulkhead', BulkheadReading>
  | Named<'registry', RegistryReading>
  | Named<'balancer', BalancerReading>
