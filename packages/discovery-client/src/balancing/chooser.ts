/** Asks a picker of the plan, heeds what the caller excludes, and lets newcomers warm up. */
import type { Call, Random } from '@breakwater/kernel'
import type { StrategyName } from './core/built-in.js'
import { DRAWS } from './core/draw.js'
import type { Host } from './core/host.js'
import type { HostLimits } from './core/host-limits.js'
import { Question } from './core/question.js'
import { rampOf } from './core/slow-start.js'
import type { SlowStart } from './core/slow-start.js'
import type { Strategy } from './core/strategy.js'
import type { Fleet } from './fleet.js'
import type { Lane } from './lane.js'
import type { Plan } from './plan.js'
import type { Selection } from './selection.js'

/** How to choose. */
interface ChooserSetting {
  readonly strategy: StrategyName | Strategy
  readonly slowStart: SlowStart | undefined
  readonly random: Random
}

export class Chooser {
  readonly name: string
  readonly question: Question
  readonly fleet: Fleet
  /** How many choices were made in a panic. */
  panicked = 0
  /** Nobody was chosen because all have as many calls in flight as they may have. */
  isFull = false
  /** Of the last choice: where it was made, whether its exclusions were dropped, and whether chance stood in for the strategy. */
  lane: Lane | undefined
  relaxed = false
  fellBack = false
  private readonly setting: ChooserSetting

  constructor(setting: ChooserSetting, fleet: Fleet) {
    const { strategy, random } = setting
    this.setting = setting
    this.fleet = fleet
    this.name = typeof strategy === 'string' ? strategy : strategy.name
    this.question = new Question(random)
  }

  /** Chooses a host, or `undefined` when there is none that will do. */
  choose(
    now: number,
    key: string | undefined,
    call: Call | undefined,
    excluded: readonly string[],
  ): Host | undefined {
    const { question, fleet } = this
    fleet.catchUp(now)
    const { plan } = fleet
    this.isFull = false
    if (plan === undefined) return undefined
    question.begin(now, key, call)
    if (fleet.limits !== undefined && this.areAllFull(fleet.limits, plan)) return undefined
    this.relaxed = excluded.length > 0 && this.excludesAll(excluded, plan)
    if (this.relaxed) question.relax()
    const lane = plan.laneFor(question)
    const selection = lane.selectionFor(question)
    const host = selection.pick(question)
    this.fellBack = selection.fellBack
    this.lane = lane
    if (lane.panics) this.panicked++
    return host !== undefined && this.isTooEarly(host) ? this.another(host, selection) : host
  }

  private areAllFull({ full }: HostLimits, { usable }: Plan): boolean {
    this.question.full = full
    this.isFull = full >= usable.length && usable.every((host) => host.isFull)
    return this.isFull
  }

  private excludesAll(ids: readonly string[], { usable }: Plan): boolean {
    const { question, fleet } = this
    if (question.exclude(ids, fleet.table.find) + question.full < usable.length) return false
    return usable.every((host) => question.isExcluded(host))
  }

  private isTooEarly(host: Host): boolean {
    const { slowStart, random } = this.setting
    if (slowStart === undefined) return false
    const share = rampOf(slowStart, this.question.now - host.upSince)
    return share < 1 && random.next() >= share
  }

  /** Another one in its place, if there is any. Where many have come at once, that one may be too early as well. */
  private another(first: Host, selection: Selection): Host {
    const { question } = this
    let host = first
    for (let draw = 0; draw < DRAWS; draw++) {
      question.excludeAlso(host)
      if (selection.hosts.every((other) => question.isExcluded(other))) return first
      host = selection.pick(question) ?? first
      // Who weighs nothing stands in for nobody.
      if (host.weight === 0 && first.weight > 0) return first
      if (!this.isTooEarly(host)) return host
    }
    return host
  }
}
