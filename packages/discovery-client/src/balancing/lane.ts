/**
 * Hosts that belong together, and the pickers over those of them that may be chosen now: one for all, and one for each zone where zones matter.
 * Never changed; when the hosts in service change there is a new one. Its pickers are made when somebody asks for them.
 */
import type { StrategyName } from './core/built-in.js'
import type { Host } from './core/host.js'
import { inService } from './core/in-service.js'
import { ZoneAffinity } from './core/own-zone.js'
import type { OwnZone } from './core/own-zone.js'
import type { Question } from './core/question.js'
import { fractionOf, indexOfShare } from './core/share.js'
import type { Strategy } from './core/strategy.js'
import { zoneShares } from './core/zone-shares.js'
import type { ZoneShares } from './core/zone-shares.js'
import type { Exclusion } from './explain.js'
import type { Plan } from './plan.js'
import { Selection } from './selection.js'

/** How a lane chooses. */
export interface LaneSetting {
  readonly strategy: StrategyName | Strategy
  readonly zone: OwnZone | undefined
  readonly panicPercent: number
}

/** Who belongs to a lane, and what it may do. */
interface LaneMembers {
  readonly plan: Plan
  /** Not empty. */
  readonly hosts: readonly Host[]
  /** Of its level, where there are levels. */
  readonly priority: number | undefined
  /** Whether it is for the routed part of the traffic, or the rest, where there is a route. */
  readonly isRouted: boolean | undefined
  /** Whether it takes traffic for which it has too few hosts in service. */
  readonly mayPanic: boolean
}

const ZONE_SALT = 3

export class Lane {
  readonly members: LaneMembers
  /** Those who may be chosen: members in service, or all in a panic. */
  readonly usable: readonly Host[]
  /** Those who may not be, as it was when this lane was made. */
  readonly outOfService: readonly Exclusion[]
  /** Too few are in service, so ejection is not heeded. */
  readonly panics: boolean
  /** The zone from which the last selection was, or `undefined` for all zones. */
  zone: string | undefined = undefined
  private readonly setting: LaneSetting
  private readonly affinity: ZoneAffinity | undefined
  private readonly zones: ReadonlyMap<string, readonly Host[]>
  private readonly shares: ZoneShares | undefined
  private everywhere: Selection | undefined
  private readonly selections = new Map<string, Selection>()
  /** Selections of the lane before, whose pickers may hand over where they stood. */
  private readonly before: Map<string | undefined, Selection>

  constructor(
    setting: LaneSetting,
    members: LaneMembers,
    clients: ReadonlyMap<string, number> | undefined,
    previous: Lane | undefined,
  ) {
    const { zone, panicPercent } = setting
    const { hosts, panics } = inService(members.hosts, panicPercent, members.mayPanic)
    this.setting = setting
    this.members = members
    this.usable = hosts
    this.panics = panics
    this.outOfService = panics || hosts === members.hosts ? [] : members.hosts.flatMap(exclusionOf)
    this.affinity = zone === undefined ? undefined : new ZoneAffinity(zone, members.hosts, hosts)
    this.zones = zone === undefined ? new Map() : zonesOf(hosts)
    this.shares = panics ? undefined : sharesOf(zone, this.zones, hosts.length, clients)
    const before = [...(previous?.made ?? [])]
    // Of zones that have gone nothing is kept.
    this.before = new Map(before.filter(([name]) => name === undefined || this.zones.has(name)))
  }

  get ownZone(): string | undefined {
    return this.setting.zone?.own
  }

  /** The picker to ask. There must be a usable host. */
  selectionFor(question: Question): Selection {
    this.zone = this.affinity === undefined ? undefined : this.zoneFor(question, this.affinity)
    if (this.zone === undefined) return this.inAll()
    const known = this.selections.get(this.zone)
    if (known !== undefined) return known
    const made = this.make(this.zone, this.zones.get(this.zone) as readonly Host[])
    this.selections.set(this.zone, made)
    return made
  }

  score(host: Host, now: number): number | undefined {
    return this.usable.length === 0 ? undefined : this.inAll().score(host, now)
  }

  private zoneFor(question: Question, affinity: ZoneAffinity): string | undefined {
    if (!affinity.staysAt(question.now)) return undefined
    const { own } = affinity
    const zone = this.shares === undefined ? own : drawZone(this.shares, question)
    const hosts = this.zones.get(zone)
    // Another zone is better than none of those that are left here.
    return hosts === undefined || (question.excludes && hosts.every((host) => question.isExcluded(host)))
      ? undefined
      : zone
  }

  private inAll(): Selection {
    this.everywhere ??= this.make(undefined, this.usable)
    return this.everywhere
  }

  private make(zone: string | undefined, hosts: readonly Host[]): Selection {
    const made = new Selection(this.setting.strategy, hosts, this.before.get(zone))
    this.before.delete(zone)
    return made
  }

  private get made(): Map<string | undefined, Selection> {
    const made = new Map<string | undefined, Selection>([...this.before, ...this.selections])
    return this.everywhere === undefined ? made : made.set(undefined, this.everywhere)
  }
}

/** Zones in which nobody weighs anything are for when there is no other. */
function zonesOf(hosts: readonly Host[]): ReadonlyMap<string, readonly Host[]> {
  const zones = Map.groupBy(hosts, (host) => host.zone)
  if (!hosts.some(weighs)) return zones
  return new Map([...zones].filter(([, members]) => members.some(weighs)))
}

function weighs({ weight }: Host): boolean {
  return weight > 0
}

function sharesOf(
  zone: OwnZone | undefined,
  zones: ReadonlyMap<string, readonly Host[]>,
  count: number,
  clients: ReadonlyMap<string, number> | undefined,
): ZoneShares | undefined {
  if (zone === undefined || clients === undefined || count < zone.minHosts) return undefined
  return zoneShares(zone.own, new Map([...zones].map(([name, hosts]) => [name, hosts.length])), clients)
}

function drawZone({ zones, shares }: ZoneShares, question: Question): string {
  return zones[indexOfShare(shares, fractionOf(question, ZONE_SALT))] as string
}

function exclusionOf({ id, health }: Host): readonly Exclusion[] {
  const { phase, by } = health
  if (health.isUsable) return []
  return [
    { id, reason: phase === 'trial' ? phase : 'ejected', ...(by === undefined ? {} : { detector: by }) },
  ]
}
