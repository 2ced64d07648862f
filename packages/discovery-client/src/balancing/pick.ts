/** One choice of a balancer, from the choice to the end of the call it was for. */
import type { Clock, OutcomeKind } from '@breakwater/kernel'
import type { Instance } from '../instance.js'
import type { Chooser } from './chooser.js'
import type { EndedCall } from './core/ejection/ejector.js'
import type { FailureOrigin } from './core/ejection/rules.js'
import { endingOf } from './core/ending.js'
import type { Host } from './core/host.js'
import { explain } from './explain.js'
import type { PickReason } from './explain.js'
import type { Lane } from './lane.js'
import type { WaitingLine } from './waiting-line.js'

/** A chosen instance, whose call has not ended. */
export interface Pick {
  readonly instance: Instance
  /** Made when read. Who was full is told as of the choice, but for those that have become so anew since then. */
  readonly why: PickReason
  /**
   * Tells how the call ended; only the first time counts. `success` teaches the latency (time since the pick unless given),
   * `failure` and `timeout` count against the instance, `cancelled`, `ignored` and `rejected` do neither. Whatever the end, the slot is given back.
   * `origin` says where a failure comes from, `answer` unless given, and of a timeout `gateway`; one that is `throttled` makes the instance look slow, and ejects nobody.
   */
  done(outcome: OutcomeKind, latencyMs?: number, origin?: FailureOrigin): void
  /** Gives the slot back without a verdict, if `done` has not. */
  [Symbol.dispose](): void
}

/** What all picks of one balancer share. */
export interface PickSetting {
  readonly clock: Clock
  readonly chooser: Chooser
  /** What a failure counts as at least; absent where the user has not said. */
  readonly penaltyMs: number | undefined
  /** Those who wait until a slot is given back, where somebody may. */
  readonly line: WaitingLine | undefined
}

/** How a call ended, in all that may be said about it. */
export interface CallEnd {
  readonly outcome: OutcomeKind
  readonly latencyMs?: number | undefined
  readonly origin?: FailureOrigin | undefined
  readonly retryAfterMs?: number | undefined
}

/** What is out of the ordinary about a choice. Most choices share one such record. */
interface Circumstances {
  readonly excluded: readonly string[]
  readonly relaxed: boolean
  readonly fellBack: boolean
  readonly zone: string | undefined
}

const NOBODY: readonly string[] = Object.freeze([])
const ORDINARY: Circumstances = Object.freeze({
  excluded: NOBODY,
  relaxed: false,
  fellBack: false,
  zone: undefined,
})

export class PickRecord implements Pick, EndedCall {
  readonly instance: Instance
  readonly startedAt: number
  /** The term of the trial that this call is, or 0. */
  readonly trial: number
  private readonly host: Host
  private readonly setting: PickSetting
  private readonly lane: Lane
  private readonly circumstances: Circumstances
  private readonly score: number | undefined
  private readonly rival: Host | undefined
  private readonly rivalScore: number
  private readonly fullChanges: number
  private isDone = false

  // Copied field by field: what is seldom needed is in a record that most picks share, and nothing else is made before somebody asks.
  constructor(setting: PickSetting, host: Host, excluded: readonly string[]) {
    const { chooser } = setting
    const { question, fleet } = chooser
    this.instance = host.instance
    this.startedAt = question.now
    this.host = host
    this.setting = setting
    // A choice has been made, so there is one.
    this.lane = chooser.lane as Lane
    this.circumstances = circumstancesOf(chooser, this.lane.zone, excluded)
    this.score = question.hasScores ? question.chosenScore : undefined
    this.rival = question.rival
    this.rivalScore = question.rivalScore
    this.fullChanges = fleet.limits?.changes ?? 0
    this.trial = fleet.picked(host, question.now)
  }

  get why(): PickReason {
    const { lane, circumstances, instance, score, rival, rivalScore, fullChanges } = this
    const chosen = { id: instance.id, score }
    return explain({
      ...circumstances,
      lane,
      strategy: this.setting.chooser.name,
      candidates: rival === undefined ? [chosen] : [chosen, { id: rival.id, score: rivalScore }],
      trial: this.trial !== 0,
      fullChanges,
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
    const { host, startedAt, setting } = this
    const { fleet } = setting.chooser
    const now = setting.clock.now()
    // What cannot be understood teaches nothing, and must not keep the slot.
    const ending = endingOf(outcome, origin)
    const elapsedMs = Math.max(0, now - startedAt)
    const isLatency = typeof latencyMs === 'number' && latencyMs >= 0 && latencyMs <= Number.MAX_SAFE_INTEGER
    const tookMs = isLatency ? latencyMs : elapsedMs
    const isFailure = ending.verdict === 'failure'
    const penaltyMs = isFailure ? (setting.penaltyMs ?? host.latency.usualPenaltyMs) : 0
    host.ended(ending.kind, tookMs, Math.max(penaltyMs, retryAfterMs), now)
    fleet.limits?.ended(host, ending, { now, latencyMs: tookMs, elapsedMs })
    fleet.ended(host, this, ending, now)
    setting.line?.serve()
  }
}

function circumstancesOf(
  { relaxed, fellBack }: Chooser,
  zone: string | undefined,
  excluded: readonly string[],
): Circumstances {
  const isOrdinary = excluded.length === 0 && !fellBack && zone === undefined
  return isOrdinary ? ORDINARY : { excluded, relaxed, fellBack, zone }
}
