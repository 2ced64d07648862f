/** A balancer at one moment, for people and exporters. */
import type { MonotonicMs, OutcomeKind } from '@breakwater/kernel'
import type { InstanceStatus, Snapshot } from '../instance.js'
import type { Chooser } from './chooser.js'
import type { HealthPhase } from './core/ejection/health.js'
import type { EjectionDetector } from './core/ejection/rules.js'
import type { DetectorCount } from './core/ejection/tally.js'
import type { Host } from './core/host.js'

/** An instance as the balancer sees it now. */
export interface BalancedInstance {
  readonly id: string
  readonly zone: string | undefined
  readonly status: InstanceStatus
  readonly weight: number
  readonly inFlight: number
  /** How many calls may be in flight to it now, with the option `limit`. */
  readonly limit: number | undefined
  /** So many are, so it is not chosen. */
  readonly full: boolean
  /** The number that decides, of strategies that have one; lower is better. */
  readonly score: number | undefined
  /** Expected latency, in milliseconds; absent before the first answer. */
  readonly latencyMs: number | undefined
  /** Left alone by the strategies `zoneAvoidance`, `bestAvailable` and `primaryBackup` after failures in a row. */
  readonly resting: boolean
  /** Out of service, until a trial has gone well. */
  readonly ejected: boolean
  /** `serving`, `ejected`, `due` (the next call to it is its trial) or `trial` (that call is under way). */
  readonly phase: HealthPhase
  /** What had found it to be an outlier, while it is ejected. */
  readonly ejectedBy: EjectionDetector | undefined
  /** Time left of the ejection, in milliseconds. */
  readonly ejectedForMs: number | undefined
  /** How often it has been ejected. */
  readonly ejections: number
  /** It has vanished from the list, and is kept for a while. */
  readonly probation: boolean
  /** Picks that have been open for so long that nobody is likely to say `done`; they are in `inFlight` too. */
  readonly overdue: number
  readonly picks: number
  readonly successes: number
  readonly failures: number
  readonly timeouts: number
  /** Ended without a verdict: cancelled, ignored, rejected on our side. */
  readonly neutral: number
}

/** A balancer at one moment. */
export interface BalancerSnapshot {
  readonly service: string
  readonly strategy: string
  /** Of the source's list; absent while it knows nothing. */
  readonly version: number | undefined
  /** When the source last heard of the list. */
  readonly updatedAt: MonotonicMs | undefined
  /** How often pickers were made. */
  readonly rebuilds: number
  /** Calls that have not ended, also those to instances that have left the list. */
  readonly inFlight: number
  /** Calls of `execute` that wait until an instance has room, with `limit.queue`. */
  readonly waiting: number
  /** Ended calls by outcome, over all instances that ever were; `no_instance`: there was nobody to call; `full`: all had as many calls as they may have. */
  readonly calls: Readonly<Record<OutcomeKind | 'no_instance' | 'full', number>>
  /** How many instances are ejected now, those on trial included. */
  readonly ejected: number
  /** What each detector of outliers has found so far. Empty with `ejection: false`. */
  readonly detectors: readonly DetectorCount[]
  /** Too few instances are in service now, so ejection is not heeded. */
  readonly panic: boolean
  /** How many picks were made in a panic so far. */
  readonly panicPicks: number
  readonly instances: readonly BalancedInstance[]
  /** Those that have left the list while calls to them were under way. */
  readonly draining: readonly { readonly id: string; readonly inFlight: number }[]
}

export function snapshotOf(
  service: string,
  latest: Snapshot | undefined,
  chooser: Chooser,
  now: number,
): Omit<BalancerSnapshot, 'waiting'> {
  const { ejector, limits, plan, table, rebuilds, calls } = chooser.fleet
  const lanes = plan?.lanes ?? []
  const laneOf = new Map(lanes.flatMap((lane) => lane.members.hosts.map((host) => [host, lane] as const)))
  return {
    service,
    strategy: chooser.name,
    version: latest?.version,
    updatedAt: latest?.updatedAt,
    rebuilds,
    inFlight: calls.inFlight,
    calls: calls.describe(),
    ejected: ejector?.ejected ?? 0,
    detectors: ejector?.tally.describe() ?? [],
    panic: plan?.panics ?? false,
    panicPicks: chooser.panicked,
    instances: Array.from(table.all(), (host) => ({
      ...describeHost(host, now),
      score: laneOf.get(host)?.score(host, now),
      limit: limits?.limitOf(host),
    })),
    draining: table.draining.map(({ id, inFlight }) => ({ id, inFlight })),
  }
}

function describeHost(host: Host, now: number): Omit<BalancedInstance, 'score' | 'limit'> {
  const { instance, health } = host
  return {
    id: instance.id,
    // Sources of others may say `null`, or nothing in so many characters.
    zone: host.zone === '' ? undefined : host.zone,
    status: instance.status,
    weight: host.weight,
    inFlight: host.inFlight,
    full: host.isFull,
    latencyMs: host.isMeasured ? host.knownLatencyMs(now) : undefined,
    resting: host.isResting(now),
    ejected: !health.isServing,
    phase: health.phase,
    ejectedBy: health.by,
    ejectedForMs: health.phase === 'ejected' ? Math.max(0, health.until - now) : undefined,
    ejections: health.ejections,
    probation: host.probationUntil > now,
    overdue: host.open.overdue,
    picks: host.picks,
    successes: host.successes,
    failures: host.failures,
    timeouts: host.timeouts,
    neutral: host.neutral,
  }
}
