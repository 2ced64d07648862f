/**
 * Who is there, who is in service, and the plan that follows from it. Lists, ejections and time change it; what they change is worked out when
 * somebody next asks, so a list that flaps costs nothing between two picks. There are no timers.
 */
import type { Random } from '@breakwater/kernel'
import type { Instance } from '../instance.js'
import { CallCounts } from './core/call-counts.js'
import { Ejector } from './core/ejection/ejector.js'
import type { EjectionNotices, EndedCall } from './core/ejection/ejector.js'
import type { EjectionRules } from './core/ejection/rules.js'
import type { Ending } from './core/ending.js'
import type { Host } from './core/host.js'
import { HostLimits } from './core/host-limits.js'
import type { LimitRules } from './core/host-limits.js'
import { HostTable } from './core/host-table.js'
import type { TableChange } from './core/host-table.js'
import { OverdueWatch } from './core/overdue.js'
import { isOnProbation } from './core/probation.js'
import type { Probation } from './core/probation.js'
import { subsetOf } from './core/subset.js'
import type { Seat, Subset } from './core/subset.js'
import type { Exclusion } from './explain.js'
import type { Lane } from './lane.js'
import { Plan } from './plan.js'
import type { PlanSetting } from './plan.js'

export interface FleetSetting extends PlanSetting {
  readonly ejection: EjectionRules | undefined
  readonly filter: ((host: Host) => boolean) | undefined
  readonly subset: Subset | undefined
  readonly probation: Probation | undefined
  readonly leakAlarmMs: number | undefined
  readonly limit: LimitRules | undefined
  readonly random: Random
}

/** Hears what has changed, when it has. */
export interface FleetNotices extends EjectionNotices {
  changed(change: TableChange): void
  drained(host: Host): void
  panicked(active: boolean): void
  overdue(hosts: readonly Host[]): void
}

export class Fleet {
  readonly table: HostTable
  readonly ejector: Ejector | undefined
  readonly limits: HostLimits | undefined
  readonly calls: CallCounts = new CallCounts()
  /** How to choose now; absent while nobody can be called. */
  plan: Plan | undefined
  /** How often plans were made. */
  rebuilds = 0
  private readonly setting: FleetSetting
  private readonly notices: FleetNotices
  private readonly overdue: OverdueWatch | undefined
  private list: readonly Instance[] | undefined
  private clients: ReadonlyMap<string, number> | undefined
  private seat: Seat | undefined
  private candidates: readonly Host[] = []
  private matching: ReadonlySet<Host> = new Set()
  private leftOut: readonly Exclusion[] = []
  /** Those of the last plan, also while there is none: their pickers hand over where they stood. */
  private lanes: readonly Lane[] = []
  private isListNew = false
  private isPlanOld = false
  /** Users are asked about hosts. */
  private isAsking = false
  private hasToldPanic = false
  /** When something other than an ejection is due; at once after a new list. */
  private dueAt: number

  constructor(setting: FleetSetting, notices: FleetNotices, now: number) {
    const { ejection, random, probation, leakAlarmMs, limit } = setting
    this.setting = setting
    this.notices = notices
    this.table = new HostTable(probation)
    this.ejector = ejection === undefined ? undefined : new Ejector(ejection, { random, notices, now })
    this.limits = limit === undefined ? undefined : new HostLimits(limit)
    this.overdue = leakAlarmMs === undefined ? undefined : new OverdueWatch(leakAlarmMs, now)
    this.dueAt = this.overdue?.dueAt ?? Infinity
  }

  /** When time may change something next. */
  get nextAt(): number {
    return Math.min(this.dueAt, this.ejector?.dueAt ?? Infinity)
  }

  /** There is a new list. */
  take(list: readonly Instance[]): void {
    this.list = list
    this.isListNew = true
    this.dueAt = -Infinity
  }

  /** So many clients like ourselves are in each zone. */
  takeClients(clients: ReadonlyMap<string, number>): void {
    this.clients = clients
    this.isPlanOld = true
    this.dueAt = -Infinity
  }

  /** This is our place among the clients that share the hosts out, if we have one. */
  takeSeat(seat: Seat | undefined): void {
    this.seat = seat
    this.isListNew = true
    this.dueAt = -Infinity
  }

  /** Works out what lists, ejections and time have changed. */
  catchUp(now: number): void {
    const { ejector } = this
    // Whoever is asked about hosts and looks at the balancer sees it as it was.
    if (this.isAsking) return
    if (now < this.dueAt && (ejector === undefined || now < ejector.dueAt)) return
    this.rollOverdue(now)
    const change = this.updateTable(now)
    // Before the ejector tells listeners, which may end the last call to one that has left.
    if (change !== undefined) this.notices.changed(change)
    if (ejector !== undefined) {
      ejector.advance(now)
      this.isPlanOld ||= ejector.hasChanged
      ejector.hasChanged = false
    }
    if (this.isPlanOld) this.makePlan()
    // Whoever heard of a return, or was asked about hosts, may have brought another list.
    this.dueAt = this.isListNew
      ? -Infinity
      : Math.min(this.overdue?.dueAt ?? Infinity, this.table.probationEndsAt)
    // A listener may have picked, and heard of a panic that began with it.
    const panics = this.plan?.panics ?? false
    if (panics === this.hasToldPanic) return
    this.hasToldPanic = panics
    this.notices.panicked(panics)
  }

  /** A call goes to the host; answers the term of the trial that it is, or 0. */
  picked(host: Host, now: number): number {
    host.started(now)
    this.limits?.began(host)
    this.calls.begun++
    return this.ejector === undefined || host.health.isServing ? 0 : this.ejector.picked(host, now)
  }

  /** A call to the host has ended, and its own statistics know it. */
  ended(host: Host, call: EndedCall, ending: Ending, now: number): void {
    this.calls.ended(ending)
    // Before the ejector tells listeners, which may ask for the next pick: that counts who is overdue anew.
    this.overdue?.ended(host, call.startedAt)
    // One that leaves only when the ejector tells listeners is found to be idle then.
    if (host.isGone && this.table.hasDrained(host)) this.notices.drained(host)
    this.ejector?.ended(host, call, ending, now)
    if (host.isGone) return
    if (ending.verdict === 'failure' && ending.origin !== 'throttled' && isOnProbation(host, now)) {
      // Then the registry was right.
      host.probationUntil = now
      this.dueAt = -Infinity
    }
  }

  private updateTable(now: number): TableChange | undefined {
    const isDue = this.isListNew || now >= this.table.probationEndsAt
    if (!isDue || this.list === undefined) return undefined
    this.isListNew = false
    this.isPlanOld = true
    const change = this.table.update(this.list, now)
    this.ask(() => {
      this.findCandidates()
    })
    this.ejector?.adopt(this.candidates)
    return change
  }

  private findCandidates(): void {
    const { filter, subset, route } = this.setting
    const up = this.table.eligible
    const wanted = filter === undefined ? up : up.filter(filter)
    this.candidates = subset === undefined ? wanted : subsetOf(wanted, subset, this.seat)
    this.matching = new Set(route === undefined ? [] : this.candidates.filter((host) => route.matches(host)))
    const candidates = new Set(this.candidates)
    const passed = new Set(wanted)
    const isUp = new Set(up)
    this.leftOut = [
      ...[...this.table.all()].flatMap((host): readonly Exclusion[] => {
        if (candidates.has(host)) return []
        if (!isUp.has(host)) return [{ id: host.id, reason: 'status' }]
        return [{ id: host.id, reason: passed.has(host) ? 'subset' : 'filter' }]
      }),
      ...this.table.draining.map(({ id }): Exclusion => ({ id, reason: 'draining' })),
    ]
  }

  private makePlan(): void {
    const { candidates, matching, leftOut, clients } = this
    this.isPlanOld = false
    if (candidates.length === 0) {
      this.plan = undefined
      return
    }
    this.rebuilds++
    this.ask(() => {
      this.plan = new Plan(this.setting, { candidates, matching, leftOut, clients }, this.lanes)
    })
    this.lanes = this.plan?.lanes ?? []
  }

  private ask(questions: () => void): void {
    this.isAsking = true
    try {
      questions()
    } finally {
      this.isAsking = false
    }
  }

  private rollOverdue(now: number): void {
    const { overdue } = this
    if (overdue === undefined || now < overdue.dueAt) return
    const hosts = overdue.roll([...this.table.all(), ...this.table.draining], now)
    if (hosts.length > 0) this.notices.overdue(hosts)
  }
}
