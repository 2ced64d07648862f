/** Why a pick is what it is: put together when somebody reads it. */
import type { EjectionDetector } from './core/ejection/rules.js'
import type { Host } from './core/host.js'
import { wasFull } from './core/host-limits.js'
import type { Lane } from './lane.js'
import type { Plan } from './plan.js'

/**
 * Why an instance could not be chosen: it is not up, has left the list with calls under way, was filtered out, is not in the subset, is on the other side
 * of the route or in another level of priority, is ejected or on trial, is in another zone, the caller excluded it, or it had as many calls in
 * flight as it may have.
 */
export type ExclusionReason =
  | 'status'
  | 'draining'
  | 'filter'
  | 'subset'
  | 'route'
  | 'priority'
  | 'ejected'
  | 'trial'
  | 'zone'
  | 'caller'
  | 'full'

/** An instance that could not be chosen, and the first reason for it. */
export interface Exclusion {
  readonly id: string
  readonly reason: ExclusionReason
  /** What had found it to be an outlier. */
  readonly detector?: EjectionDetector
}

/** Why this instance was chosen. */
export interface PickReason {
  readonly strategy: string
  /** Those that were compared, the chosen one first; lower scores win. A strategy that compares nothing shows the chosen one without a score. */
  readonly candidates: readonly { readonly id: string; readonly score: number | undefined }[]
  /** How many instances could have been chosen, if the caller had excluded none and no zone, route or priority had decided. */
  readonly eligible: number
  /** The ids that the caller excluded. */
  readonly excluded: readonly string[]
  /** All eligible instances were excluded, so the exclusion was not heeded. */
  readonly relaxed: boolean
  /** The strategy threw, or chose something that is no candidate or full, so chance has chosen. */
  readonly fellBack: boolean
  /** Chosen among the instances of the own zone only. */
  readonly stayed: boolean
  /** The zone that was chosen before the instance, where zones decide. */
  readonly zone: string | undefined
  /** The level that was chosen before the instance, where priorities decide. */
  readonly priority: number | undefined
  /** Whether the call is of the part of the traffic that the route sends to what matches it. */
  readonly routed: boolean | undefined
  /** Too few instances were in service, so ejection was not heeded. */
  readonly panic: boolean
  /** This call is to show whether an ejected instance is back. */
  readonly trial: boolean
  /** Who could not be chosen, and why. */
  readonly exclusions: readonly Exclusion[]
}

/** What the pick itself knows. */
interface PickNotes {
  readonly lane: Lane
  readonly zone: string | undefined
  readonly strategy: string
  readonly candidates: PickReason['candidates']
  readonly excluded: readonly string[]
  readonly relaxed: boolean
  readonly fellBack: boolean
  readonly trial: boolean
  /** How often instances had become full, or had room again. */
  readonly fullChanges: number
}

export function explain(notes: PickNotes): PickReason {
  const { lane, zone, strategy, candidates, excluded, relaxed, fellBack, trial } = notes
  const { plan, priority, isRouted } = lane.members
  return {
    strategy,
    candidates,
    eligible: plan.usable.length,
    excluded,
    relaxed,
    fellBack,
    stayed: zone !== undefined && zone === lane.ownZone,
    zone,
    priority,
    routed: isRouted,
    panic: lane.panics,
    trial,
    exclusions: [...plan.leftOut, ...elsewhere(plan, lane), ...lane.outOfService, ...within(notes)],
  }
}

/** Those of other lanes. */
function elsewhere({ lanes }: Plan, lane: Lane): readonly Exclusion[] {
  return lanes.flatMap((other) => {
    if (other === lane) return []
    const reason = other.members.isRouted === lane.members.isRouted ? 'priority' : 'route'
    return other.members.hosts.map(({ id }): Exclusion => ({ id, reason }))
  })
}

/** Those of the same lane. */
function within({ lane, zone, excluded, relaxed, fullChanges }: PickNotes): readonly Exclusion[] {
  const byCaller = new Set(relaxed ? [] : excluded)
  return lane.usable.flatMap((host: Host): readonly Exclusion[] => {
    if (byCaller.has(host.id)) return [{ id: host.id, reason: 'caller' }]
    if (zone !== undefined && host.zone !== zone) return [{ id: host.id, reason: 'zone' }]
    return wasFull(host, fullChanges) ? [{ id: host.id, reason: 'full' }] : []
  })
}
