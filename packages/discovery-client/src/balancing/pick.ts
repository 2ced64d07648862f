/** One choice of a balancer, from the choice to the end of the call it was for. */
import type { Clock, OutcomeKind } from '@breakwater/kernel'
import type { Instance } from '../instance.js'
import type { Host } from './core/host.js'
import type { Question } from './core/question.js'

/** Why this instance was chosen. */
export interface PickReason {
  readonly strategy: string
  /** Those that were compared, the chosen one first; lower scores win. A strategy that compares nothing shows the chosen one without a score. */
  readonly candidates: readonly { readonly id: string; readonly score: number | undefined }[]
  /** How many instances could have been chosen, if the caller had excluded none. */
  readonly eligible: number
  /** The ids that the caller excluded. */
  readonly excluded: readonly string[]
  /** All eligible instances were excluded, so the exclusion was not heeded. */
  readonly relaxed: boolean
  /** The strategy threw or chose something that is no candidate, so chance has chosen. */
  readonly fellBack: boolean
  /** Chosen among the instances of the own zone only. */
  readonly stayed: boolean
}

/** A chosen instance, whose call has not ended. */
export interface Pick {
  readonly instance: Instance
  /** Made when read. */
  readonly why: PickReason
  /**
   * Tells how the call ended; only the first time counts. `success` teaches the latency (time since the pick unless given),
   * `failure` and `timeout` count against the instance, `cancelled`, `ignored` and `rejected` do neither. Whatever the end, the slot is given back.
   */
  done(outcome: OutcomeKind, latencyMs?: number): void
  /** Gives the slot back without a verdict, if `done` has not. */
  [Symbol.dispose](): void
}

/** What all picks of one balancer share. */
export interface PickSetting {
  readonly clock: Clock
  readonly strategy: string
  readonly penaltyMs: number
}

/** How the choice just made came about. */
interface ChoiceNotes {
  readonly question: Question
  readonly eligible: number
  readonly relaxed: boolean
  readonly fellBack: boolean
  readonly stayed: boolean
}

const KINDS: ReadonlySet<unknown> = new Set<OutcomeKind>([
  'success',
  'failure',
  'timeout',
  'rejected',
  'cancelled',
  'ignored',
])

export class PickRecord implements Pick {
  readonly instance: Instance
  private readonly host: Host
  private readonly setting: PickSetting
  private readonly startedAt: number
  private readonly eligible: number
  private readonly excluded: readonly string[]
  private readonly relaxed: boolean
  private readonly fellBack: boolean
  private readonly stayed: boolean
  private readonly score: number | undefined
  private readonly rival: Host | undefined
  private readonly rivalScore: number
  private isDone = false

  // Copied field by field: a record of its own for each group would double what a pick allocates.
  constructor(setting: PickSetting, host: Host, notes: ChoiceNotes, excluded: readonly string[]) {
    const { question } = notes
    this.instance = host.instance
    this.host = host
    this.setting = setting
    this.startedAt = question.now
    this.eligible = notes.eligible
    this.excluded = excluded
    this.relaxed = notes.relaxed
    this.fellBack = notes.fellBack
    this.stayed = notes.stayed
    this.score = question.hasScores ? question.chosenScore : undefined
    this.rival = question.rival
    this.rivalScore = question.rivalScore
    host.started(question.now)
  }

  get why(): PickReason {
    const { strategy } = this.setting
    const { eligible, excluded, relaxed, fellBack, stayed } = this
    const chosen = { id: this.instance.id, score: this.score }
    const candidates =
      this.rival === undefined ? [chosen] : [chosen, { id: this.rival.id, score: this.rivalScore }]
    return { strategy, candidates, eligible, excluded, relaxed, fellBack, stayed }
  }

  done(outcome: OutcomeKind, latencyMs?: number): void {
    this.end(outcome, latencyMs, 0)
  }

  /** As `done`; the instance asked to be left alone for a while. */
  end(outcome: OutcomeKind, latencyMs: number | undefined, retryAfterMs: number): void {
    if (this.isDone) return
    this.isDone = true
    const now = this.setting.clock.now()
    // What cannot be understood teaches nothing, and must not keep the slot.
    const kind = KINDS.has(outcome) ? outcome : 'ignored'
    const isLatency = latencyMs !== undefined && latencyMs >= 0 && latencyMs <= Number.MAX_SAFE_INTEGER
    const elapsedMs = Math.max(0, now - this.startedAt)
    const penaltyMs = Math.max(this.setting.penaltyMs, retryAfterMs)
    this.host.ended({ kind, latencyMs: isLatency ? latencyMs : elapsedMs, penaltyMs }, now)
  }

  [Symbol.dispose](): void {
    this.done('cancelled')
  }
}
