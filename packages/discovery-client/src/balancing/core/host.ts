/**
 * What a balancer remembers of one instance. It is kept by id over all refreshes of the list, because a list that comes
 * anew says nothing about how the instance answers.
 */
import type { AimdLimit } from '@breakwater/breaker'
import type { OutcomeKind } from '@breakwater/kernel'
import type { Instance } from '../../instance.js'
import { Health } from './ejection/health.js'
import { LatencyEstimate, LEAST_LATENCY_MS } from './latency.js'
import type { Candidate } from './strategy.js'

/** Time constant of the peak (Finagle's default). */
const PEAK_DECAY_MS = 10_000
/** After this time with others an instance is no new process any more. */
const NEW_MS = 10_000
/** Failures in a row after which Ribbon's rules leave an instance alone. */
const FAILURES_TO_REST = 3

const FIRST_REST_MS = 10_000
const MAX_REST_MS = 30_000
/** Two answers within one reading of the clock are both worth something. */
const LEAST_STEP_MS = 10
/** The load of an instance that has a call but never gave an answer, for the peak strategy (Finagle's penalty). */
const UNMEASURED_MS = 1e9

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
  /** Whether it is in service, or ejected. */
  readonly health: Health = new Health()
  /** Calls in flight that began in the period before this one, and before that. */
  readonly open: { older: number; overdue: number } = { older: 0, overdue: 0 }
  /** When a call last began. */
  startedAt: number = -Infinity
  /** When a call last went well. */
  answeredAt: number = -Infinity
  /** Until then it stays, though it has vanished from the list. */
  probationUntil: number = -Infinity
  /** It has left the list; calls under way may still end. */
  isGone = false
  /** The number of the pick that excludes this host. */
  mark = 0
  /** On its calls in flight, where these are limited; made with the first one. */
  limit: AimdLimit | undefined = undefined
  /** As many calls are in flight as may be. */
  isFull = false
  /** The numbers of the changes with which it last became full, and last had room again. */
  fullSince: number = Infinity
  roomSince = 0
  readonly latency: LatencyEstimate = new LatencyEstimate()
  private samples = 0
  private totalMs = 0
  private sampledAt = -Infinity
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

  /** Its zone; those without one share the empty name. */
  get zone(): string {
    return this.instance.zone ?? ''
  }

  get isMeasured(): boolean {
    // Not once its latency was forgotten: a mean of nothing is no number.
    return this.latency.lastMs > 0
  }

  /** Mean of all latencies ever, as Ribbon has it; 0 before the first. */
  get lifetimeMeanMs(): number {
    return this.samples === 0 ? 0 : this.totalMs / this.samples
  }

  /** A call begins. */
  started(now: number): void {
    if (this.inFlight === 0) this.progressAt = now
    this.inFlight++
    this.picks++
    this.startedAt = now
  }

  /** A call has ended, and if it failed, counts as `penaltyMs` at least; the caller sees to it that this is said once per call. */
  ended(kind: OutcomeKind, latencyMs: number, penaltyMs: number, now: number): void {
    this.inFlight--
    if (kind === 'success') {
      this.successes++
      this.answeredAt = now
      this.failuresInARow = 0
      this.restsUntil = -Infinity
      this.latency.isNew = now - latencyMs - this.upSince < NEW_MS
      this.latency.answered(latencyMs, now)
      this.sample(latencyMs, now)
    } else if (kind === 'failure' || kind === 'timeout') {
      if (kind === 'failure') this.failures++
      else this.timeouts++
      this.rest(now)
      const costMs = Math.max(latencyMs, penaltyMs)
      this.latency.failed(costMs, now)
      this.sample(costMs, now)
    } else {
      this.neutral++
      if (kind === 'ignored') this.latency.unjudged(latencyMs, now)
    }
    // After a neutral end too: nothing is known of when the others began, and an abort must count against nobody.
    this.progressAt = now
  }

  latencyAt(now: number, fleetMs: number): number {
    return this.expectedMs(now, Math.log(Math.max(LEAST_LATENCY_MS, fleetMs)))
  }

  /** What its answers make one expect, but never less than the time for which the calls in flight have waited in vain. */
  expectedMs(now: number, fleetLog: number): number {
    return Math.max(this.latency.expectedMs(now, fleetLog), this.stalledMs(now), LEAST_LATENCY_MS)
  }

  /** What its last answers and failures said, whatever the others do; for those who look. */
  knownLatencyMs(now: number): number {
    return Math.max(this.latency.lastMs, this.stalledMs(now), LEAST_LATENCY_MS)
  }

  /** From now on its latency is taken to be that of the fleet, as if it had not answered for long. */
  forgetLatency(): void {
    this.latency.forget()
    this.sampledAt = -Infinity
    this.failuresInARow = 0
    this.restsUntil = -Infinity
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
  stalledMs(now: number): number {
    return this.inFlight === 0 ? 0 : Math.max(0, now - this.progressAt)
  }

  private sample(latencyMs: number, now: number): void {
    const kept = Math.exp(-Math.max(LEAST_STEP_MS, now - this.sampledAt) / PEAK_DECAY_MS)
    this.peakMs = latencyMs > this.peakMs ? latencyMs : latencyMs * (1 - kept) + this.peakMs * kept
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
