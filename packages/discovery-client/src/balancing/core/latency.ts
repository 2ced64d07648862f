/**
 * The latency to expect of one instance, learned from its answers. Three memories, each with its own work:
 *
 * - Recent: a time-weighted mean, which is believed less and less while no answer renews it.
 * - Usual: the mean over a minute, which recent goes back to; it goes back to that of the fleet in its turn, but slowly. Who
 *   was well for long and is slow for a moment is tried again soon; who was never fast is not tried by every client every few seconds.
 * - Failures, as latency on top, forgotten sooner than any: to find a failing instance out again costs one call.
 *
 * Means are those of logarithms. Latencies spread by factors, so this is the mean that tells a slow instance from a slow answer
 * best; and one pause of 300 ms does not outweigh thirty answers of 10 ms. The reasons with figures: `docs/decisions/0008-adaptive-balancing.md`.
 *
 * What ends without a verdict teaches nothing here. But an instance that sends everyone away at once would look idle, and draw more
 * calls than one that does its work; so a call that ended early counts as load for as long as it would usually have taken.
 */

/** Time constant of the recent mean. */
const RECENT_MS = 2_000
/** Time constant with which it goes back to the usual one. */
const FORGET_MS = 8_000
/** The same where it has joined others not long ago: a process that has just begun gets faster. */
const FORGET_NEW_MS = 1_500
/** So much time makes up what is usual. */
const USUAL_MS = 60_000
/** One answer counts as so much of this time at most, however long there was none. */
const MOST_OF_USUAL_MS = 500
/** What the fleet counts as, before the first answer. */
const FLEET_AS_USUAL_MS = 250
/** After so long, half of what is usual is believed; of less time nearly all, of more soon little. */
const USUAL_HALF_MS = 50_000
/** An answer counts as slower than the fleet by this factor at most. More would say nothing new, and take longer to forget. */
const MOST_LOG: number = Math.log(10)
/** Time constant with which answers make up for failures. */
const ATONE_MS = 3_000
/** Time constant with which failures are forgotten: of a hundred latencies of the fleet less than a quarter is left after 19 s. */
const FORGIVE_MS = 3_100
/** Time constant with which failures are believed. */
const BELIEVE_MS = 450
/** How much of a failure is believed, where calls are so many that time alone would hide it; of each further one, more. */
const LEAST_BELIEVED = 1 / 50
const MORE_EACH = 4
/**
 * A failure counts as at least so many latencies of the fleet: whatever takes 2 s is not improved by failing in 5 s. Where others
 * have many calls in flight, it is as many times more, for that is what their scores are multiplied by.
 */
const FAILURE_IN_FLEETS = 100
/**
 * What a failure counts as at least, where nobody has said: in milliseconds, and in latencies of the fleet where that is less. Failures are
 * forgotten by factors, so a second would be held for 10 s longer against what answers within half a millisecond than against what takes 10.
 */
const PENALTY_MS = 1_000
const PENALTY_IN_FLEETS = 200
/** Of so many ends of calls the mean distance is known; a longer one counts as so much. */
const GAP_ENDS = 8
const MOST_GAP_MS = 1_000
/** Two answers within one reading of the clock are both worth something. */
const LEAST_STEP_MS = 10
/** Answers that take no measurable time still cost something, or else calls in flight would multiply nothing. */
export const LEAST_LATENCY_MS = 0.05
/** Of a fleet that nobody has looked at no failure counts as more than it is. */
const NO_FLEET: FleetLook = { log: -Infinity, load: 0 }

/** How fast and how busy a fleet is, as of a look at it. Never changed: the next look makes another one. */
export interface FleetLook {
  /** Logarithm of the latency of a usual host. */
  readonly log: number
  /** Calls in flight to a host. */
  readonly load: number
}

/** A time to work something out for. */
export interface Moment {
  readonly now: number
}

export class LatencyEstimate {
  /** The fleet as of the last choice; without it answers are not cut. */
  fleet: FleetLook | undefined = undefined
  /** It joined others not long ago: how a process begins is not usual for it. */
  isNew = false
  /** What was to be expected when it was worked out last, and for which look at the fleet, if nothing was heard since. */
  workedOutMs = 0
  workedOutFor: FleetLook | undefined = undefined
  private hasAnswered = false
  private recentLog = 0
  /** How much slower than the fleet it usually is: where all get faster, it is not held to what was usual for all. */
  private usualExcess = 0
  /** Time that makes up what is usual. */
  private usualMs = 0
  private failureMs = 0
  /** At least so much of the next failure is believed. */
  private nextShare = LEAST_BELIEVED
  private at = -Infinity
  /** Mean time between ends of calls. */
  private gapMs = 0
  /** Calls that ended without a verdict before their usual time, as of then. */
  early = 0
  private earlyAt = -Infinity
  /** What was their usual time. */
  private earlyMs = 1

  /** Logarithm of the recent mean of answers; absent before the first. Failures are not in it, or while all fail, each would make the next one dearer. */
  get answerLog(): number | undefined {
    return this.hasAnswered ? this.recentLog : undefined
  }

  /** What is expected of it as of the last end of a call, failures included. */
  get lastMs(): number {
    return (this.hasAnswered ? Math.exp(this.recentLog) : 0) + this.failureMs
  }

  /** What a failure counts as at least, where the user has not said. */
  get usualPenaltyMs(): number {
    if (this.fleet === undefined) return PENALTY_MS
    return Math.min(PENALTY_MS, PENALTY_IN_FLEETS * Math.exp(this.fleet.log))
  }

  /** A call has ended well. */
  answered(latencyMs: number, now: number): void {
    const sinceMs = this.step(now)
    const log = Math.log(Math.max(LEAST_LATENCY_MS, latencyMs))
    const fleetLog = this.fleet?.log ?? log
    const heardLog = Math.min(log, fleetLog + MOST_LOG)
    this.failureMs *= Math.exp(-sinceMs / ATONE_MS)
    // Not all at once: answers to calls from before the first failure come in between.
    this.nextShare = Math.max(LEAST_BELIEVED, this.nextShare / 2)
    if (!this.hasAnswered) {
      this.hasAnswered = true
      this.recentLog = heardLog
      this.usualExcess = 0
      this.usualMs = FLEET_AS_USUAL_MS
      this.learnUsual(heardLog - fleetLog, MOST_OF_USUAL_MS)
      return
    }
    this.recentLog += (heardLog - this.recentLog) * (1 - Math.exp(-sinceMs / RECENT_MS))
    const kept = usualKept(sinceMs)
    this.usualExcess *= kept
    this.usualMs = Math.max(FLEET_AS_USUAL_MS, this.usualMs * kept)
    this.learnUsual(heardLog - fleetLog, sinceMs)
  }

  /** A call has failed, which counts as so much latency. */
  failed(latencyMs: number, now: number): void {
    // Not the last distance alone: which answer came just before is luck.
    const sinceMs = Math.max(this.step(now), this.gapMs)
    const share = Math.max(1 - Math.exp(-sinceMs / BELIEVE_MS), this.nextShare)
    this.nextShare = Math.min(1, this.nextShare * MORE_EACH)
    const { log, load } = this.fleet ?? NO_FLEET
    // A lone failure of many calls is no outage: it is held against the calls in flight less than others are.
    const timesMs = FAILURE_IN_FLEETS * Math.exp(log) * Math.max(1, load * Math.sqrt(share))
    const costMs = Math.max(latencyMs, timesMs)
    if (costMs > this.failureMs) this.failureMs += (costMs - this.failureMs) * share
  }

  /** A call has ended without a verdict. */
  unjudged(latencyMs: number, now: number): void {
    if (this.fleet === undefined) return
    const usualMs = this.expectedMs(now, this.fleet.log)
    this.early = this.earlyEnds(now) + Math.max(0, 1 - latencyMs / usualMs)
    this.earlyMs = usualMs
    this.earlyAt = now
  }

  /** So many calls would still be in flight, had they not ended early without a verdict. */
  earlyEnds(now: number): number {
    return this.early * Math.exp(-(now - this.earlyAt) / this.earlyMs)
  }

  /** What to expect now, where the fleet has a latency with this logarithm. */
  expectedMs(now: number, fleetLog: number): number {
    this.workOut({ log: fleetLog, load: 0 }, { now })
    return this.workedOutMs
  }

  /**
   * Works out what to expect, for who reads `workedOutMs` for choice after choice. It is kept as long as the look at the fleet is the same and nothing
   * is heard. Nothing is handed in or out as a number: between functions that are not compiled into one, numbers are objects on the heap.
   */
  workOut(fleet: FleetLook, { now }: Moment): void {
    this.workedOutFor = fleet
    const { log } = fleet
    const idleMs = Math.max(0, now - this.at)
    const failureMs = this.failureMs > 0 ? this.failureMs * Math.exp(-idleMs / FORGIVE_MS) : 0
    if (!this.hasAnswered) {
      this.workedOutMs = Math.exp(log) + failureMs
      return
    }
    const usualLog = log + this.usualExcess * usualKept(idleMs)
    const recentKept = Math.exp(-idleMs / (this.isNew ? FORGET_NEW_MS : FORGET_MS))
    this.workedOutMs = Math.exp(usualLog + (this.recentLog - usualLog) * recentKept) + failureMs
  }

  /** From now on it is as if nothing had ever been heard. */
  forget(): void {
    this.workedOutFor = undefined
    this.hasAnswered = false
    this.failureMs = 0
    this.nextShare = LEAST_BELIEVED
    this.at = -Infinity
  }

  private learnUsual(excess: number, sinceMs: number): void {
    if (this.isNew) return
    const partMs = Math.min(sinceMs, MOST_OF_USUAL_MS)
    this.usualExcess += ((excess - this.usualExcess) * partMs) / (this.usualMs + partMs)
    this.usualMs = Math.min(USUAL_MS, this.usualMs + Math.min(sinceMs, FORGET_MS))
  }

  /** Time since something was heard last. */
  private step(now: number): number {
    const sinceMs = Math.max(LEAST_STEP_MS, now - this.at)
    this.gapMs += (Math.min(sinceMs, MOST_GAP_MS) - this.gapMs) / GAP_ENDS
    this.at = now
    this.workedOutFor = undefined
    return sinceMs
  }
}

/** How much of what is usual is believed after such a time without an answer. */
function usualKept(idleMs: number): number {
  return 1 / (1 + (idleMs / USUAL_HALF_MS) ** 2)
}
