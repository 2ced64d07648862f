/**
 * Whether one instance is in service, and how it got there: serving → ejected → due → on trial → serving or ejected again. Failures in a row and
 * the calls of the running interval are counted here; what follows from them is the ejector's to decide.
 */
import type { EjectionDetector, EjectionRules, FailureOrigin, RowDetector } from './rules.js'

/** A connection that fails takes all calls with it that waited for it: failures of our side so close together are one. */
const SAME_EVENT_MS = 1

const NONE: readonly RowDetector[] = []
const LOCAL: readonly RowDetector[] = ['consecutiveLocalFailures']
const ALL: readonly RowDetector[] = ['consecutiveFailures', 'consecutiveGatewayFailures', ...LOCAL]

/** `due`: its time is over, and the next call that it gets is its trial. */
export type HealthPhase = 'serving' | 'ejected' | 'due' | 'trial'

export class Health {
  phase: HealthPhase = 'serving'
  /** Changes with the phase: what calls of an earlier term say about a trial is not heard. */
  term = 0
  /** When the ejection began that is in force. */
  since: number = -Infinity
  /** When the ejection, the wait for a trial, or the trial's lease is over. */
  until: number = Infinity
  by: EjectionDetector | undefined = undefined
  ejections = 0
  readonly inARow: Record<RowDetector, number> = {
    consecutiveFailures: 0,
    consecutiveGatewayFailures: 0,
    consecutiveLocalFailures: 0,
  }
  /** When the first of the failures in a row ended. */
  failingSince: number = Infinity
  /** Others fail as well, as of its last failure; it has not succeeded since. */
  sharesFault = false
  /** Calls of this interval that say something, and those of them that went well. */
  ended = 0
  succeeded = 0
  private localFailedAt = -Infinity
  private multiplier = 0
  private returnedAt = -Infinity

  get isServing(): boolean {
    return this.phase === 'serving'
  }

  /** Whether calls may go to it: a trial that is due waits for one. */
  get isUsable(): boolean {
    return this.phase === 'serving' || this.phase === 'due'
  }

  /** Out of service for longer than the last time, until enough intervals in service have passed. */
  eject(by: EjectionDetector, now: number, rules: EjectionRules, jitter: number): void {
    const { baseMs, intervalMs, jitterMs } = rules
    const served = this.returnedAt === -Infinity ? 0 : Math.floor((now - this.returnedAt) / intervalMs)
    const maxMs = Math.max(rules.maxMs, baseMs)
    this.multiplier = Math.max(0, this.multiplier - served)
    // As in Envoy: what would add nothing to the time need not be paid back later.
    if (baseMs * this.multiplier < maxMs) this.multiplier++
    this.enter('ejected', now + Math.min(maxMs, baseMs * this.multiplier) + jitterMs * jitter)
    this.since = now
    this.returnedAt = -Infinity
    this.by = by
    this.ejections++
    this.forgetFailures()
  }

  /** Its time is over; the strategy may choose it for its trial until then. */
  becomeDue(until: number): void {
    this.enter('due', until)
  }

  /** The strategy has not chosen it. */
  waitsNoLonger(): void {
    this.until = Infinity
  }

  /** The trial begins; when it does not end in time there may be another. */
  beginTrial(until: number): number {
    this.enter('trial', until)
    return this.term
  }

  returnToService(now: number): void {
    this.enter('serving', Infinity)
    this.returnedAt = now
    this.by = undefined
    this.forgetFailures()
    this.endInterval()
  }

  /**
   * Whether failures on our side of the connection count for their own detector only (`split`), or for all three. Answers the detectors whose rows
   * it may have made longer.
   */
  failed(origin: FailureOrigin, split: boolean, now: number): readonly RowDetector[] {
    const { inARow } = this
    if (this.failingSince === Infinity) this.failingSince = now
    const isLocal = origin === 'local'
    if (isLocal) {
      if (now - this.localFailedAt < SAME_EVENT_MS) return NONE
      this.localFailedAt = now
    }
    this.ended++
    inARow.consecutiveLocalFailures = isLocal ? inARow.consecutiveLocalFailures + 1 : 0
    if (isLocal && split) return LOCAL
    inARow.consecutiveFailures++
    const isGateway = isLocal || origin === 'gateway'
    inARow.consecutiveGatewayFailures = isGateway ? inARow.consecutiveGatewayFailures + 1 : 0
    return ALL
  }

  forgetFailures(): void {
    const { inARow } = this
    inARow.consecutiveFailures = 0
    inARow.consecutiveGatewayFailures = 0
    inARow.consecutiveLocalFailures = 0
    this.failingSince = Infinity
    this.sharesFault = false
  }

  endInterval(): void {
    this.ended = 0
    this.succeeded = 0
  }

  private enter(phase: HealthPhase, until: number): void {
    this.phase = phase
    this.until = until
    this.term++
  }
}
