/**
 * What a balancer remembers of one instance. It is kept by id over all refreshes of the list, because a list that comes
 * anew says nothing about how the instance answers.
 */
import type { OutcomeKind } from '@breakwater/kernel'
import type { Instance } from '../../instance.js'
import type { Candidate } from './strategy.js'

/** Time constant of the mean: what is older than some of these counts little. */
const MEAN_DECAY_MS = 3_000
/** Time constant with which a mean that nobody renews goes back to that of the fleet. */
const FORGET_MS = 5_000
/** Time constant of the peak (Finagle's default). */
const PEAK_DECAY_MS = 10_000
/** Failures in a row after which Ribbon's rules leave an instance alone. */
const FAILURES_TO_REST = 3

const FIRST_REST_MS = 10_000
const MAX_REST_MS = 30_000
/** Answers that take no measurable time still cost something, or else calls in flight would multiply nothing. */
const LEAST_LATENCY_MS = 0.05
/** How much of a failure gets into the mean at least: with thousands of calls a second, time alone would hide it. */
const LEAST_FAILURE_SHARE = 1 / 8
/** Two answers within one reading of the clock are both worth something. */
const LEAST_STEP_MS = 10
/** The load of an instance that has a call but never gave an answer, for the peak strategy (Finagle's penalty). */
const UNMEASURED_MS = 1e9

/** How a call ended, for {@link Host.ended}. */
interface Ending {
  readonly kind: OutcomeKind
  readonly latencyMs: number
  /** What a failure counts as, in milliseconds of latency. */
  readonly penaltyMs: number
}

/** The state of one instance at one address. */
export class Host implements Candidate {
  instance: Instance
  weight = 1
  inFlight = 0
  picks = 0
  successes = 0
  failures = 0
  timeouts = 0
  /** Calls that say nothing about the instance: cancelled, ignored, rejected on our side. */
  neutral = 0
  /** When it came up, beside others that were there already; `-Infinity` for those of the first list. */
  upSince: number = -Infinity
  /** The number of the last list in which it could be called. */
  listed = 0
  /** The number of the pick that excludes this host. */
  mark = 0
  private samples = 0
  private meanMs = 0
  private totalMs = 0
  private sampledAt = 0
  private peakMs = 0
  /** When something ended last, or when the first of the present calls began. */
  private progressAt = 0
  private failuresInARow = 0
  private restsUntil = -Infinity

  constructor(instance: Instance) {
    this.instance = instance
  }

  get id(): string {
    return this.instance.id
  }

  get isMeasured(): boolean {
    return this.samples > 0
  }

  /** Mean of all latencies ever, as Ribbon has it; 0 before the first. */
  get lifetimeMeanMs(): number {
    return this.samples === 0 ? 0 : this.totalMs / this.samples
  }

  /** The time-weighted mean, as of the last answer. */
  get lastMeanMs(): number {
    return this.meanMs
  }

  /** A call begins. */
  started(now: number): void {
    if (this.inFlight === 0) this.progressAt = now
    this.inFlight++
    this.picks++
  }

  /** A call has ended; the caller sees to it that this is said once per call. */
  ended({ kind, latencyMs, penaltyMs }: Ending, now: number): void {
    this.inFlight--
    if (kind === 'success') {
      this.successes++
      this.failuresInARow = 0
      this.restsUntil = -Infinity
      this.sample(latencyMs, 0, now)
    } else if (kind === 'failure' || kind === 'timeout') {
      if (kind === 'failure') this.failures++
      else this.timeouts++
      this.rest(now)
      this.sample(Math.max(latencyMs, penaltyMs, this.meanMs), LEAST_FAILURE_SHARE, now)
    } else {
      this.neutral++
    }
    // After a neutral end too: nothing is known of when the others began, and an abort must count against nobody.
    this.progressAt = now
  }

  /**
   * The latency to expect: the time-weighted mean, which goes back to `fleetMs` while no answer renews it, but never less than the
   * time for which the calls in flight have waited in vain. A mean that decayed to zero instead would send a burst of calls to
   * a slow instance again and again.
   */
  latencyAt(now: number, fleetMs: number): number {
    let expected = fleetMs
    if (this.samples > 0) {
      const idleMs = Math.max(0, now - this.sampledAt)
      expected += (this.meanMs - fleetMs) * Math.exp(-idleMs / FORGET_MS)
    }
    return Math.max(expected, this.stalledMs(now), LEAST_LATENCY_MS)
  }

  /** Peak-sensitive mean: jumps up with a slow answer, goes down with time, towards zero (Finagle's `PeakEwma`). */
  peakAt(now: number): number {
    if (this.samples === 0) return this.inFlight === 0 ? 0 : UNMEASURED_MS
    const decayed = this.peakMs * Math.exp(-Math.max(0, now - this.sampledAt) / PEAK_DECAY_MS)
    return Math.max(decayed, this.stalledMs(now))
  }

  /** After {@link FAILURES_TO_REST} failures in a row, for 10, 20, then 30 s, as Ribbon leaves servers alone. */
  isResting(now: number): boolean {
    return now < this.restsUntil
  }

  /** The oldest call in flight has waited at least so long. */
  private stalledMs(now: number): number {
    return this.inFlight === 0 ? 0 : Math.max(0, now - this.progressAt)
  }

  private sample(latencyMs: number, leastShare: number, now: number): void {
    const sinceMs = Math.max(LEAST_STEP_MS, now - this.sampledAt)
    if (this.samples === 0) {
      this.meanMs = latencyMs
      this.peakMs = latencyMs
    } else {
      const share = Math.max(leastShare, 1 - Math.exp(-sinceMs / MEAN_DECAY_MS))
      this.meanMs += (latencyMs - this.meanMs) * share
      const kept = Math.exp(-sinceMs / PEAK_DECAY_MS)
      this.peakMs = latencyMs > this.peakMs ? latencyMs : latencyMs * (1 - kept) + this.peakMs * kept
    }
    this.samples++
    this.totalMs += latencyMs
    this.sampledAt = now
  }

  private rest(now: number): void {
    this.failuresInARow++
    const beyond = this.failuresInARow - FAILURES_TO_REST
    if (beyond >= 0) this.restsUntil = now + Math.min(MAX_REST_MS, FIRST_REST_MS * 2 ** Math.min(beyond, 10))
  }
}
