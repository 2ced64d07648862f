/**
 * The breakers of Hystrix, told naively: every call is kept with its time and counted again at each tick of the health
 * stream, and every tick is played when its time comes. The properties compare the real one with it. For tests only.
 */
import type { OutcomeKind } from '@breakwater/kernel'
import type { Compat } from './core/line.js'

export interface NaiveRules {
  readonly compat: Compat
  readonly percent: number
  readonly volume: number
  readonly bucketMs: number
  readonly buckets: number
  readonly sleepMs: number
  /** Of a trial; only with `hystrix`. */
  readonly leaseMs: number
}

/** A call that was admitted. */
export interface NaiveCall {
  /** How often it had closed before. */
  epoch: number
  /** Until when it has its say; undefined for one that is no trial. */
  trialUntil: number | undefined
}

export type Flag = 'forced-open' | 'forced-closed' | 'disabled'

const COUNTED: Readonly<Record<OutcomeKind, boolean>> = {
  success: true,
  failure: true,
  timeout: true,
  rejected: true,
  ignored: false,
  cancelled: false,
}

export class NaiveHystrix {
  now = 0
  status: 'closed' | 'open' | 'half-open' = 'closed'
  flag: Flag | undefined = undefined
  readonly edges: string[] = []
  private circuitOpened = 0
  private beganAt = 0
  private closes = 0
  private trial: NaiveCall | undefined = undefined
  private events: { readonly at: number; readonly isError: boolean }[] = []

  constructor(private readonly rules: NaiveRules) {}

  get state(): string {
    return this.flag ?? this.status
  }

  /** Goes on in time, a millisecond at a time. */
  wait(ms: number): void {
    for (let step = 0; step < ms; step++) {
      // What ended at the moment of a close is in a bucket that is over with it.
      const isFirstTick = this.closes > 0 && this.now === this.beganAt
      if (isFirstTick && this.ticks) this.tripIfBad(0)
      this.now++
      const isTick = (this.now - this.beganAt) % this.rules.bucketMs === 0
      if (isTick && this.ticks) this.tripIfBad()
    }
  }

  /** `isOpen()`, which opens the classic one. */
  look(): void {
    if (!this.ticks) this.tripIfBad()
  }

  get isOpen(): boolean {
    if (this.flag === 'disabled') return false
    if (this.ticks && this.flag !== undefined) return this.flag === 'forced-open'
    return this.status !== 'closed'
  }

  allows(): NaiveCall | undefined {
    const call = this.attempt()
    if (call === undefined) this.nonSuccess()
    return call
  }

  workEnded(kind: OutcomeKind, call: NaiveCall): void {
    if (this.isLeased) this.trialEnded(kind, call)
    else if (kind !== 'success') this.nonSuccess()
    else if (this.flag !== 'disabled' && this.status === (this.ticks ? 'half-open' : 'open')) this.close()
  }

  commandEnded(kind: OutcomeKind, call: NaiveCall): void {
    const isCounted = COUNTED[kind] && (!this.isLeased || call.epoch === this.closes)
    if (isCounted) this.events.push({ at: this.now, isError: kind !== 'success' })
    this.nonSuccess()
  }

  setFlag(flag: Flag | undefined): void {
    if (flag === this.flag || (this.flag === 'forced-open' && flag === 'forced-closed')) return
    const from = this.state
    this.flag = flag
    this.edges.push(`${String(this.now)} ${from} > ${this.state}`)
  }

  health(open: number = this.bucketOf(this.now)): { total: number; errors: number; percent: number } {
    const { buckets } = this.rules
    const bucketOf = (at: number): number => this.bucketOf(at)
    const seen = this.events.filter(({ at }) => bucketOf(at) < open && bucketOf(at) >= open - buckets)
    const errors = seen.filter(({ isError }) => isError).length
    const total = seen.length
    return { total, errors, percent: total === 0 ? 0 : Math.trunc((errors / total) * 100) }
  }

  private bucketOf(at: number): number {
    return this.closes > 0 && at === this.beganAt ? -1 : Math.floor((at - this.beganAt) / this.rules.bucketMs)
  }

  private get ticks(): boolean {
    return this.rules.compat !== 'hystrix-1.5.18'
  }

  private get isLeased(): boolean {
    return this.rules.compat === 'hystrix'
  }

  private attempt(): NaiveCall | undefined {
    if (this.flag === 'forced-open') return undefined
    const call: NaiveCall = { epoch: this.closes, trialUntil: undefined }
    if (this.flag === 'disabled') return call
    this.look()
    if (this.flag === 'forced-closed' || this.status === 'closed') return call
    const awakeAt = this.circuitOpened + this.rules.sleepMs
    if (this.status === 'open' && (this.isLeased ? this.now < awakeAt : this.now <= awakeAt)) return undefined
    return this.attemptTrial(call)
  }

  private attemptTrial(call: NaiveCall): NaiveCall | undefined {
    if (this.status === 'half-open') {
      const isTaken = this.trial?.trialUntil !== undefined && this.now < this.trial.trialUntil
      if (!this.isLeased || isTaken) return undefined
    } else if (this.ticks) this.move('half-open')
    else this.circuitOpened = this.now
    this.trial = call
    call.trialUntil = this.now + this.rules.leaseMs
    return call
  }

  private trialEnded(kind: OutcomeKind, call: NaiveCall): void {
    if (call !== this.trial || this.status !== 'half-open' || this.now >= (call.trialUntil ?? 0)) return
    this.trial = undefined
    if (this.flag === 'disabled' || !COUNTED[kind]) return
    if (kind !== 'success') this.open()
    else {
      this.close()
      call.epoch = this.closes
    }
  }

  private close(): void {
    this.move('closed')
    this.beganAt = this.now
    this.closes++
    this.events = []
  }

  private nonSuccess(): void {
    if (this.status === 'half-open' && this.flag !== 'disabled' && !this.isLeased) this.open()
  }

  private tripIfBad(open?: number): void {
    if (this.status !== 'closed' || this.flag === 'disabled') return
    const { total, percent } = this.health(open)
    if (total >= this.rules.volume && percent >= this.rules.percent) this.open()
  }

  private open(): void {
    this.circuitOpened = this.now
    this.move('open')
  }

  private move(to: NaiveHystrix['status']): void {
    if (this.flag === undefined) this.edges.push(`${String(this.now)} ${this.status} > ${to}`)
    this.status = to
  }
}
