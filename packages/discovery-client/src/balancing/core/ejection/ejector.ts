/**
 * Decides who is out of service. It hears of every end of a call, judges failures in a row at once and rates once an interval, and brings back
 * those whose time is over. Nothing here has a timer: all follows from `now`, and `dueAt` says when to ask again.
 *
 * Ejection fails open. It never takes more than its share of the hosts, and never the last one.
 */
import type { Random } from '@breakwater/kernel'
import type { Ending } from '../ending.js'
import type { Host } from '../host.js'
import { CommonFault } from './common-fault.js'
import { highFailures, lowSuccessRates } from './outliers.js'
import type { EjectionDetector, EjectionRules, FailureOrigin, RowDetector, SparedReason } from './rules.js'
import { EjectionTally } from './tally.js'

/** For so many first terms a strategy may think about a trial. */
const PATIENCE_TERMS = 3

/** A call to a host, as far as ejection cares. */
export interface EndedCall {
  readonly startedAt: number
  /** The term of the trial that the call was, or 0. */
  readonly trial: number
}

/** Hears what the ejector decides, when it has decided. */
export interface EjectionNotices {
  ejected(host: Host, by: EjectionDetector, forMs: number): void
  restored(host: Host): void
}

interface EjectorInputs {
  readonly random: Random
  readonly notices: EjectionNotices
  readonly now: number
}

export class Ejector {
  /** When there is something to do: the end of an interval or of somebody's time; at once when those in service have changed. */
  dueAt: number
  /** Whether those in service are others than when this was last set to false. */
  hasChanged = false
  readonly tally: EjectionTally = new EjectionTally()
  private readonly rules: EjectionRules
  private readonly random: Random
  private readonly notices: EjectionNotices
  private readonly commonFault = new CommonFault()
  private hosts: readonly Host[] = []
  private intervalEndsAt: number

  constructor(rules: EjectionRules, { random, notices, now }: EjectorInputs) {
    this.rules = rules
    this.random = random
    this.notices = notices
    const hasRates = rules.successRate !== undefined || rules.failurePercentage !== undefined
    this.intervalEndsAt = hasRates ? now + rules.intervalMs : Infinity
    this.dueAt = this.intervalEndsAt
  }

  /** How many of the present hosts are out of service, those on trial included. */
  get ejected(): number {
    return this.hosts.reduce((count, { health }) => count + (health.isServing ? 0 : 1), 0)
  }

  /** From now on these are the ones to judge. */
  adopt(hosts: readonly Host[]): void {
    this.hosts = hosts
    this.dueAt = -Infinity
  }

  /** A call goes to the host; answers the term of the trial that it is, or 0. */
  picked({ health }: Host, now: number): number {
    if (health.phase !== 'due') return 0
    this.changed()
    return health.beginTrial(now + this.rules.baseMs)
  }

  /** A call to the host has ended. */
  ended(host: Host, call: EndedCall, { verdict, origin }: Ending, now: number): void {
    const { health } = host
    const isTrial = call.trial !== 0 && call.trial === health.term
    if (verdict === 'success') {
      this.succeeded(host, call, now)
    } else if (verdict === 'failure' && origin !== 'throttled') {
      this.commonFault.failed(host, now)
      if (isTrial) this.failedTrial(host, now)
      else if (this.isNews(health, call)) this.failed(host, origin, now)
    } else if (isTrial) {
      // It has shown nothing, so the next call is the trial.
      health.becomeDue(now + PATIENCE_TERMS * this.rules.baseMs)
      this.changed()
    }
  }

  /** Does what is due. */
  advance(now: number): void {
    for (const host of this.hosts) if (now >= host.health.until) this.timeIsOver(host, now)
    if (now >= this.intervalEndsAt) {
      this.intervalEndsAt = now + this.rules.intervalMs
      this.judgeRates(now)
    }
    this.dueAt = this.hosts.reduce((next, { health }) => Math.min(next, health.until), this.intervalEndsAt)
  }

  private succeeded(host: Host, { startedAt, trial }: EndedCall, now: number): void {
    const { health } = host
    this.commonFault.succeeded(now)
    health.succeeded++
    health.ended++
    if (health.failingSince !== Infinity) health.forgetFailures()
    if (health.isServing || this.rules.recovery === 'timer') return
    // A call from before the ejection proves nothing; one that came through in a panic does.
    if (trial === health.term || startedAt > health.since) this.restore(host, now)
  }

  private failedTrial(host: Host, now: number): void {
    this.tally.count('trial', undefined)
    this.eject(host, 'trial', now)
  }

  /** What it was asked before its last ejection it has been ejected for. Envoy asks for no more than the end of a call. */
  private isNews({ since }: Host['health'], { startedAt }: EndedCall): boolean {
    return startedAt > since || this.rules.recovery === 'timer'
  }

  private failed(host: Host, origin: FailureOrigin, now: number): void {
    const { health } = host
    const longer = health.failed(origin, this.rules.splitLocalFailures, now)
    health.sharesFault = this.rules.spareCommonFaults && this.commonFault.isShared(health.failingSince)
    this.judgeRow(host, 'consecutiveFailures', longer, now)
    this.judgeRow(host, 'consecutiveGatewayFailures', longer, now)
    this.judgeRow(host, 'consecutiveLocalFailures', longer, now)
  }

  private judgeRow(host: Host, by: RowDetector, longer: readonly RowDetector[], now: number): void {
    const { health } = host
    const threshold = this.rules[by]
    const count = health.inARow[by]
    if (threshold === undefined || count < threshold || !this.isJudged(host)) return
    if (!health.sharesFault) {
      health.inARow[by] = 0
      this.decide(host, by, now)
    } else if (count === threshold && longer.includes(by)) {
      // Asked again with each further failure, and counted once.
      this.tally.count(by, 'common_fault')
    }
  }

  private judgeRates(now: number): void {
    const { successRate, failurePercentage, spareCommonFaults } = this.rules
    const judged = this.hosts
      .filter(({ health }) => health.isServing)
      .map((host) => ({ host, ended: host.health.ended, succeeded: host.health.succeeded }))
    for (const { health } of this.hosts) health.endInterval()
    if (successRate !== undefined) {
      for (const { host } of lowSuccessRates(judged, successRate)) {
        this.judgeRate(host, 'successRate', host.health.sharesFault, now)
      }
    }
    if (failurePercentage === undefined) return
    const { outliers, areAll } = highFailures(judged, failurePercentage)
    for (const { host } of outliers) {
      const isCommon = host.health.sharesFault || (areAll && spareCommonFaults)
      this.judgeRate(host, 'failurePercentage', isCommon, now)
    }
  }

  private judgeRate(
    host: Host,
    by: 'successRate' | 'failurePercentage',
    isCommon: boolean,
    now: number,
  ): void {
    if (!this.isJudged(host)) return
    if (isCommon) this.tally.count(by, 'common_fault')
    else this.decide(host, by, now)
  }

  /** Calls to one that has left, or is not up any more, may still end: it is out already, and would be one more than may be when it is back. */
  private isJudged(host: Host): boolean {
    return host.health.isServing && this.hosts.includes(host)
  }

  /** Ejects the outlier, if it may. */
  private decide(host: Host, by: EjectionDetector, now: number): void {
    const spared = this.reasonToSpare(by)
    this.tally.count(by, spared)
    if (spared === undefined) this.eject(host, by, now)
  }

  private reasonToSpare(by: EjectionDetector): SparedReason | undefined {
    const { enforcingPercent, maxEjectedPercent, alwaysEjectOne } = this.rules
    const percent = enforcingPercent[by]
    if (percent < 100 && this.random.next() * 100 >= percent) return 'enforcing_percent'
    const total = this.hosts.length
    const after = this.ejected + 1
    if (after >= total) return 'max_ejected'
    const isWithin = after * 100 <= maxEjectedPercent * total || (alwaysEjectOne && after === 1)
    return isWithin ? undefined : 'max_ejected'
  }

  private eject(host: Host, by: EjectionDetector, now: number): void {
    const { rules, random } = this
    host.health.eject(by, now, rules, rules.jitterMs > 0 ? random.next() : 0)
    this.changed()
    this.notices.ejected(host, by, host.health.until - now)
  }

  /**
   * A strategy with a memory of its own takes the trial when it thinks that this is worth a call: with many clients that call seldom, each trial
   * of an instance that is still down is a loss. When it has not done so in time, its memory is cleared.
   */
  private timeIsOver(host: Host, now: number): void {
    if (this.rules.recovery === 'timer') {
      this.restore(host, now)
      return
    }
    if (host.health.phase === 'due') {
      host.health.waitsNoLonger()
      host.forgetLatency()
      return
    }
    host.health.becomeDue(now + PATIENCE_TERMS * this.rules.baseMs)
    this.changed()
  }

  private restore(host: Host, now: number): void {
    host.health.returnToService(now)
    host.upSince = now
    this.changed()
    this.notices.restored(host)
  }

  private changed(): void {
    this.hasChanged = true
    this.dueAt = -Infinity
  }
}
