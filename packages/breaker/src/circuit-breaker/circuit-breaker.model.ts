/**
 * A naive breaker: it keeps every call with its time and counts them all again at each step. The properties compare the
 * real one with it, step by step. For tests only.
 */
import type { BreakerState, OutcomeKind } from '@breakwater/kernel'
import type { ForcedState } from './core/machine-data.js'

export interface ModelRules {
  readonly percent: number
  readonly volume: number
  readonly windowMs: number
  readonly buckets: number
  /** The n-th trip in a row keeps it open n times as long, up to three times. */
  readonly baseOpenMs: number
  readonly limit: number
  readonly leaseMs: number
  readonly closeAfter: number
}

export interface ModelPermit {
  readonly generation: number
  readonly trialUntil: number | undefined
  settledAs: OutcomeKind | undefined
  /** How its result was taken. */
  fate: 'open' | 'success' | 'failure' | 'neutral' | 'late'
}

export const FORCED: readonly ForcedState[] = ['forced-open', 'forced-closed', 'disabled', 'metrics-only']
const NEUTRAL: readonly OutcomeKind[] = ['rejected', 'cancelled', 'ignored']

export class NaiveBreaker {
  state: BreakerState = 'closed'
  readonly edges: string[] = []
  readonly permits: ModelPermit[] = []
  private generation = 0
  private events: { readonly at: number; readonly failed: boolean }[] = []
  private openUntil = 0
  private trips = 0
  private goodTrials = 0

  constructor(private readonly rules: ModelRules) {}

  acquire(now: number): ModelPermit | undefined {
    if (this.state === 'forced-open' || (this.state === 'open' && now < this.openUntil)) return undefined
    if (this.state === 'open') this.move('half-open')
    if (this.state === 'half-open' && this.liveTrials(now).length >= this.rules.limit) return undefined
    const permit: ModelPermit = {
      generation: this.generation,
      trialUntil: this.state === 'half-open' ? now + this.rules.leaseMs : undefined,
      settledAs: undefined,
      fate: 'open',
    }
    this.permits.push(permit)
    return permit
  }

  settle(permit: ModelPermit, kind: OutcomeKind, now: number): void {
    if (permit.settledAs !== undefined) return
    permit.settledAs = kind
    const { trialUntil } = permit
    const isLate = this.isStale(permit, now)
    const isNeutral = NEUTRAL.includes(kind)
    permit.fate = isNeutral ? 'neutral' : isLate ? 'late' : kind === 'success' ? 'success' : 'failure'
    if (isNeutral || isLate) return
    if (trialUntil !== undefined) this.judgeTrial(kind === 'success', now)
    else if (this.state !== 'disabled') this.count(kind !== 'success', now)
  }

  force(state: ForcedState): void {
    if (this.state === state || (this.state === 'forced-open' && state === 'forced-closed')) return
    this.move(state)
  }

  release(now: number): void {
    if (!FORCED.includes(this.state as ForcedState)) return
    if (this.isTooBad(now)) this.trip(now)
    else this.close()
  }

  openFor(ms: number, now: number): void {
    if (FORCED.includes(this.state as ForcedState)) return
    this.openUntil = now + ms
    if (this.state !== 'open') this.move('open')
  }

  reset(): void {
    this.events = []
    if (this.state === 'closed') this.generation++
    else this.close()
  }

  counts(now: number): { readonly successes: number; readonly failures: number } {
    const { windowMs, buckets } = this.rules
    const bucketOf = (at: number): number => Math.floor(at / (windowMs / buckets))
    const alive = this.events.filter(({ at }) => bucketOf(at) > bucketOf(now) - buckets)
    const failures = alive.filter(({ failed }) => failed).length
    return { successes: alive.length - failures, failures }
  }

  waitMs(now: number): number {
    if (this.state === 'forced-open') return Infinity
    if (this.state === 'open') return Math.max(0, this.openUntil - now)
    const trials = this.state === 'half-open' ? this.liveTrials(now) : []
    return trials.length < this.rules.limit
      ? 0
      : Math.min(...trials.map(({ trialUntil = now }) => trialUntil)) - now
  }

  /** Whether its result would come too late. */
  isStale({ generation, trialUntil = Infinity }: ModelPermit, now: number): boolean {
    return generation !== this.generation || trialUntil <= now
  }

  liveTrials(now: number): ModelPermit[] {
    return this.permits.filter(
      (permit) =>
        permit.trialUntil !== undefined && permit.settledAs === undefined && !this.isStale(permit, now),
    )
  }

  private count(failed: boolean, now: number): void {
    this.events.push({ at: now, failed })
    if (this.state === 'closed' && this.isTooBad(now)) this.trip(now)
  }

  private judgeTrial(isGood: boolean, now: number): void {
    if (!isGood) this.trip(now)
    else if (++this.goodTrials >= this.rules.closeAfter) {
      this.close()
      this.events = [{ at: now, failed: false }]
    }
  }

  isTooBad(now: number): boolean {
    const { successes, failures } = this.counts(now)
    const total = successes + failures
    return total >= this.rules.volume && failures * 100 >= this.rules.percent * total
  }

  private trip(now: number): void {
    this.trips++
    this.openUntil = now + this.rules.baseOpenMs * Math.min(3, this.trips)
    this.move('open')
  }

  private close(): void {
    this.trips = 0
    this.move('closed')
  }

  private move(to: BreakerState): void {
    this.edges.push(`${this.state} > ${to}`)
    this.state = to
    this.generation++
    this.goodTrials = 0
  }
}
