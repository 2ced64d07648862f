/** Keeps hosts and pickers together: a picker for all of them, and one for the own zone where there is one. */
import type { Call, Random } from '@breakwater/kernel'
import type { Instance } from '../instance.js'
import type { BalancedInstance } from './balancer.js'
import type { StrategyName } from './core/built-in.js'
import type { Host } from './core/host.js'
import { HostTable } from './core/host-table.js'
import type { TableChange } from './core/host-table.js'
import { ZoneAffinity } from './core/own-zone.js'
import type { OwnZone } from './core/own-zone.js'
import { Question } from './core/question.js'
import { rampOf } from './core/slow-start.js'
import type { SlowStart } from './core/slow-start.js'
import type { Strategy } from './core/strategy.js'
import { Selection } from './selection.js'

/** How to choose. */
interface ChooserOptions {
  readonly strategy: StrategyName | Strategy
  readonly zone: OwnZone | undefined
  readonly slowStart: SlowStart | undefined
  readonly random: Random
}

export class Chooser {
  readonly name: string
  readonly question: Question
  /** How often pickers were made. */
  rebuilds = 0
  /** Of the last choice: whether its exclusions were dropped, whether chance stood in for the strategy, and whether it stayed in the own zone. */
  relaxed = false
  fellBack = false
  stayed = false
  private readonly options: ChooserOptions
  private readonly table = new HostTable()
  private everywhere: Selection | undefined
  private nearby: Selection | undefined
  private affinity: ZoneAffinity | undefined

  constructor(options: ChooserOptions) {
    this.options = options
    this.name = typeof options.strategy === 'string' ? options.strategy : options.strategy.name
    this.question = new Question(options.random)
  }

  /** How many may be called. */
  get eligible(): number {
    return this.table.eligible.length
  }

  /** Takes over a new list. */
  renew(instances: readonly Instance[], now: number): TableChange {
    const change = this.table.update(instances, now)
    const hosts = this.table.eligible
    if (hosts.length === 0) return change
    this.rebuilds++
    const { strategy, zone } = this.options
    this.everywhere = new Selection(strategy, hosts, this.everywhere)
    if (zone === undefined) return change
    this.affinity = new ZoneAffinity(zone, hosts)
    const near = this.affinity.hosts
    this.nearby = near.length === 0 ? undefined : new Selection(strategy, near, this.nearby)
    return change
  }

  /** Chooses a host, or `undefined` when there is none that will do. */
  choose(
    now: number,
    key: string | undefined,
    call: Call | undefined,
    excluded: readonly string[],
  ): Host | undefined {
    const { question, table } = this
    if (table.eligible.length === 0) return undefined
    question.begin(now, key, call)
    this.relaxed = excluded.length > 0 && question.exclude(excluded, table.find) === table.eligible.length
    if (this.relaxed) question.relax()
    const selection = this.selectionAt(now)
    if (selection === undefined) return undefined
    const host = selection.pick(question)
    this.fellBack = selection.fellBack
    return host !== undefined && this.isTooEarly(host) ? this.another(host, selection) : host
  }

  /** All hosts of the list. */
  describe(now: number): readonly BalancedInstance[] {
    return Array.from(this.table.all(), (host) => ({
      id: host.id,
      zone: host.instance.zone,
      status: host.instance.status,
      weight: host.weight,
      inFlight: host.inFlight,
      score: this.everywhere?.score(host, now),
      latencyMs: host.isMeasured ? host.latencyAt(now, host.lastMeanMs) : undefined,
      resting: host.isResting(now),
      picks: host.picks,
      successes: host.successes,
      failures: host.failures,
      timeouts: host.timeouts,
      neutral: host.neutral,
    }))
  }

  private isTooEarly(host: Host): boolean {
    const { slowStart, random } = this.options
    if (slowStart === undefined) return false
    const share = rampOf(slowStart, this.question.now - host.upSince)
    return share < 1 && random.next() >= share
  }

  /** Another one in its place, if there is any. */
  private another(host: Host, selection: Selection): Host {
    const { question } = this
    question.excludeAlso(host)
    if (selection.hosts.every((other) => question.isExcluded(other))) return host
    return selection.pick(question) ?? host
  }

  private selectionAt(now: number): Selection | undefined {
    const { nearby, affinity, question } = this
    this.stayed = false
    if (nearby === undefined || affinity?.staysAt(now) !== true) return this.everywhere
    // Another zone is better than none of those that are left here.
    if (question.excludes && nearby.hosts.every((host) => question.isExcluded(host))) return this.everywhere
    this.stayed = true
    return nearby
  }
}
