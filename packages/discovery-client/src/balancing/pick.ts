/** One choice of a balancer, from the choice to the end of the call it was for. */
import { OUTCOME_KINDS } from '@breakwater/kernel'
import type { Clock, OutcomeKind } from '@breakwater/kernel'
import type { Instance } from '../instance.js'
import type { Chooser } from './chooser.js'
import type { FailureOrigin } from './core/ejection/rules.js'
import type { Host } from './core/host.js'
import { explain } from './explain.js'
import type { PickReason } from './explain.js'
import type { Lane } from './lane.js'
import type { Plan } from './plan.js'

/** A chosen instance, whose call has not ended. */
export interface Pick {
  readonly instance: Instance
  /** Made when read. */
  readonly why: PickReason
  /**
   * Tells how the call ended; only the first time counts. `success` teaches the latency (time since the pick unless given),
   * `failure` and `timeout` count against the instance, `cancelled`, `ignored` and `rejected` do neither. Whatever the end, the slot is given back.
   * `origin` says where a failure comes from, `answer` unless given; one that is `throttled` makes the instance look slow, and ejects nobody.
   */
  done(outcome: OutcomeKind, latencyMs?: number, origin?: FailureOrigin): void
  /** Gives the slot back without a verdict, if `done` has not. */
  [Symbol.dispose](): void
}

/** What all picks of one balancer share. */
export interface PickSetting {
  readonly clock: Clock
  readonly chooser: Chooser
  readonly penaltyMs: number
}

/** How a call ended, in all that may be said about it. */
export interface CallEnd {
  readonly outcome: OutcomeKind
  readonly latencyMs?: number | undefined
  readonly origin?: FailureOrigin | undefined
  readonly retryAfterMs?: number | undefined
}

const KINDS: ReadonlySet<unknown> = new Set(OUTCOME_KINDS)
const ORIGINS: ReadonlySet<unknown> = new Set<FailureOrigin>(['answer', 'gateway', 'local', 'throttled'])

export class PickRecord implements Pick {
  readonly instance: Instance
  private readonly host: Host
  private readonly setting: PickSetting
  private readonly startedAt: number
  private readonly plan: Plan
  private readonly lane: Lane
  private readonly excluded: readonly string[]
  private readonly relaxed: boolean
  private readonly fellBack: boolean
  private readonly zone: string | undefined
  private readonly score: number | undefined
  private readonly rival: Host | undefined
  private readonly rivalScore: number
  /** The term of the trial that this call is, or 0. */
  private readonly trial: number
  private isDone = false

  // Copied field by field: a record of its own for each group would double what a pick allocates.
  constructor(setting: PickSetting, host: Host, excluded: readonly string[]) {
    const { chooser } = setting
    const { question } = chooser
    this.instance = host.instance
    this.host = host
    this.setting = setting
    this.startedAt = question.now
    // A choice has been made, so there are both.
    this.plan = chooser.plan as Plan
    this.lane = chooser.lane as Lane
    this.excluded = excluded
    this.relaxed = chooser.relaxed
    this.fellBack = chooser.fellBack
    this.zone = this.lane.zone
    this.score = question.hasScores ? question.chosenScore : undefined
    this.rival = question.rival
    this.rivalScore = question.rivalScore
    this.trial = chooser.fleet.picked(host, question.now)
  }

  get why(): PickReason {
    const { plan, lane, zone, instance, score, rival, rivalScore, excluded, relaxed, fellBack } = this
    const chosen = { id: instance.id, score }
    return explain({
      plan,
      lane,
      zone,
      strategy: this.setting.chooser.name,
      candidates: rival === undefined ? [chosen] : [chosen, { id: rival.id, score: rivalScore }],
      excluded,
      relaxed,
      fellBack,
      trial: this.trial !== 0,
    })
  }

  done(outcome: OutcomeKind, latencyMs?: number, origin?: FailureOrigin): void {
    this.finish(outcome, latencyMs, origin, 0)
  }

  /** As `done`; the instance may have asked to be left alone for a while. */
  end({ outcome, latencyMs, origin, retryAfterMs = 0 }: CallEnd): void {
    this.finish(outcome, latencyMs, origin, retryAfterMs)
  }

  [Symbol.dispose](): void {
    this.done('cancelled')
  }

  private finish(
    outcome: OutcomeKind,
    latencyMs: number | undefined,
    origin: FailureOrigin | undefined,
    retryAfterMs: number,
  ): void {
    if (this.isDone) return
    this.isDone = true
    const { host, startedAt, trial, setting } = this
    const { fleet } = setting.chooser
    const now = setting.clock.now()
    // What cannot be understood teaches nothing, and must not keep the slot.
    const kind = KINDS.has(outcome) ? outcome : 'ignored'
    const isLatency = latencyMs !== undefined && latencyMs >= 0 && latencyMs <= Number.MAX_SAFE_INTEGER
    const elapsedMs = Math.max(0, now - startedAt)
    host.ended(kind, isLatency ? latencyMs : elapsedMs, Math.max(setting.penaltyMs, retryAfterMs), now)
    const from = origin !== undefined && ORIGINS.has(origin) ? origin : 'answer'
    fleet.calls.ended(kind)
    fleet.ended(host, { verdict: verdictOf(kind), origin: from, startedAt, trial }, now)
  }
}

function verdictOf(kind: OutcomeKind): 'success' | 'failure' | 'neutral' {
  if (kind === 'success') return kind
  return kind === 'failure' || kind === 'timeout' ? 'failure' : 'neutral'
}
