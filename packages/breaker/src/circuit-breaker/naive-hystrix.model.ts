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
  private hasClosed = false
  private events: { readonly at: number; readonly isError: boolean }[] = []

  constructor(private readonly rules: NaiveRules) {}

  get state(): string {
    return this.flag ?? this.status
  }

  /** Goes on in time, a millisecond at a time. */
  wait(ms: number): void {
    for (let step = 0; step < ms; step++) {
      // What ended at the moment of a close is in a bucket that is over with it.
      const isFirstTick = this.hasClosed && this.now === this.beganAt
      if (isFirstTick && this.isTriState) this.tripIfBad(0)
      this.now++
      const isTick = (this.now - this.beganAt) % this.rules.bucketMs === 0
      if (isTick && this.isTriState) this.tripIfBad()
    }
  }

  /** `isOpen()`, which opens the classic one. */
  look(): void {
    if (!this.isTriState) this.tripIfBad()
  }

  get isOpen(): boolean {
    if (this.flag === 'disabled') return false
    if (this.isTriState && this.flag !== undefined) return this.flag === 'forced-open'
    return this.status !== 'closed'
  }

  allows(): boolean {
    const isAllowed = this.attempt()
    if (!isAllowed) this.nonSuccess()
    return isAllowed
  }

  workEnded(kind: OutcomeKind): void {
    if (kind !== 'success') this.nonSuccess()
    else if (this.flag !== 'disabled' && this.status === (this.isTriState ? 'half-open' : 'open')) {
      this.move('closed')
      this.beganAt = this.now
      this.hasClosed = true
      this.events = []
    }
  }

  commandEnded(kind: OutcomeKind): void {
    if (COUNTED[kind]) this.events.push({ at: this.now, isError: kind !== 'success' })
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
    return this.hasClosed && at === this.beganAt ? -1 : Math.floor((at - this.beganAt) / this.rules.bucketMs)
  }

  private get isTriState(): boolean {
    return this.rules.compat === 'hystrix-1.5.13'
  }

  private attempt(): boolean {
    if (this.flag === 'forced-open') return false
    if (this.flag === 'disabled') return true
    this.look()
    if (this.flag === 'forced-closed' || this.status === 'closed') return true
    if (this.status === 'half-open' || this.now <= this.circuitOpened + this.rules.sleepMs) return false
    if (this.isTriState) this.move('half-open')
    else this.circuitOpened = this.now
    return true
  }

  private nonSuccess(): void {
    if (this.status === 'half-open' && this.flag !== 'disabled') this.open()
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
