/**
 * Who takes which part of the traffic: the lanes of both sides of a route and of each level of priority, with their shares. Made anew when the list
 * or the hosts in service change, and never changed. Without routes and priorities there is one lane for all.
 */
import type { Host } from './core/host.js'
import { levelsOf, loadsOf } from './core/levels.js'
import type { Question } from './core/question.js'
import { isRouted } from './core/route.js'
import type { Route } from './core/route.js'
import { fractionOf, indexOfShare } from './core/share.js'
import type { Exclusion } from './explain.js'
import { Lane } from './lane.js'
import type { LaneSetting } from './lane.js'

/** How priorities are found, and how much more than its part of the load a level can take. */
export interface Priority {
  readonly of: (host: Host) => number | undefined
  readonly overprovisioning: number
}

export interface PlanSetting extends LaneSetting {
  readonly route: Route | undefined
  readonly priority: Priority | undefined
}

/** What a plan is made for. */
interface PlanInput {
  /** Not empty. */
  readonly candidates: readonly Host[]
  /** Those of them that match the route, in their order. */
  readonly matching: ReadonlySet<Host>
  /** Those of the list that are none. */
  readonly leftOut: readonly Exclusion[]
  /** Our own clients by zone, where they are known. */
  readonly clients: ReadonlyMap<string, number> | undefined
}

/** The levels of one side of a route, or of all. */
interface Side {
  readonly lanes: readonly Lane[]
  readonly shares: readonly number[]
  /** The one that takes all, if there is such a one. */
  readonly only: Lane | undefined
  readonly isInService: boolean
}

const LEVEL_SALT = 2

export class Plan {
  readonly candidates: readonly Host[]
  readonly leftOut: readonly Exclusion[]
  readonly lanes: readonly Lane[]
  /** All that may be chosen by some call. */
  readonly usable: readonly Host[]
  private readonly setting: PlanSetting
  private readonly input: PlanInput
  private readonly before: readonly Lane[]
  private readonly isAnybodyInService: boolean
  private readonly rest: Side | undefined
  private readonly routed: Side | undefined
  private readonly only: Lane | undefined

  constructor(setting: PlanSetting, input: PlanInput, before: readonly Lane[]) {
    const { route } = setting
    const { candidates, matching } = input
    this.setting = setting
    this.input = input
    this.candidates = candidates
    this.leftOut = input.leftOut
    this.before = before
    this.isAnybodyInService = candidates.some(isInService)
    this.rest = this.side(
      matching.size === 0 ? candidates : candidates.filter((host) => !matching.has(host)),
      route === undefined ? undefined : false,
    )
    this.routed = this.side([...matching], true)
    this.before = []
    this.lanes = [...(this.rest?.lanes ?? []), ...(this.routed?.lanes ?? [])]
    this.usable = this.lanes.flatMap(({ usable }) => usable)
    this.only = this.lanes.length === 1 ? this.lanes[0] : undefined
  }

  /** Whether some part of the traffic goes to hosts that are not in service. */
  get panics(): boolean {
    return this.lanes.some(({ panics }) => panics)
  }

  /** Where the question goes. Some usable host is not excluded. */
  laneFor(question: Question): Lane {
    const lane = this.only ?? this.draw(question)
    if (!question.excludes || hasAllowed(lane, question)) return lane
    // Another level is better than none of those that are left here, and only then the other side.
    const others = this.lanes.filter((other) => hasAllowed(other, question))
    return others.find(({ members }) => members.isRouted === lane.members.isRouted) ?? others[0] ?? lane
  }

  private draw(question: Question): Lane {
    const { lanes, shares, only } = this.sideFor(question)
    return only ?? (lanes[indexOfShare(shares, fractionOf(question, LEVEL_SALT))] as Lane)
  }

  private sideFor(question: Question): Side {
    const { rest, routed } = this
    const { route } = this.setting
    // One of the sides is there, for there are candidates.
    if (rest === undefined || routed === undefined || route === undefined) return (rest ?? routed) as Side
    if (rest.isInService !== routed.isInService) return rest.isInService ? rest : routed
    return isRouted(route, question) ? routed : rest
  }

  private side(hosts: readonly Host[], routed: boolean | undefined): Side | undefined {
    if (hosts.length === 0) return undefined
    const { priority } = this.setting
    const levels =
      priority === undefined ? [{ priority: 0, hosts }] : levelsOf(hosts, (host) => priority.of(host))
    const { shares, isShort } = loadsOf(levels, priority?.overprovisioning ?? 1)
    const lanes = levels.map((level) => {
      const rank = priority === undefined ? undefined : level.priority
      const previous = this.before.find(
        ({ members }) => members.priority === rank && members.isRouted === routed,
      )
      // Where nobody is in service while others are, these get its traffic.
      const mayPanic = isShort && (!this.isAnybodyInService || level.hosts.some(isInService))
      const members = { plan: this, hosts: level.hosts, priority: rank, isRouted: routed, mayPanic }
      return new Lane(this.setting, members, this.input.clients, previous)
    })
    const only = lanes[shares.indexOf(1)]
    return { lanes, shares, only, isInService: hosts.some(isInService) }
  }
}

function isInService({ health }: Host): boolean {
  return health.isUsable
}

function hasAllowed({ usable }: Lane, question: Question): boolean {
  return usable.some((host) => !question.isExcluded(host))
}
