/**
 * The state machine of a circuit breaker: who may call, and what a result changes. Pure: time and chance come in, and
 * transitions go out as data (`takeTransitions`).
 *
 * Every change of state begins a new generation. A result is only heard in the generation that admitted its call (as
 * in sony/gobreaker), and a trial's result only while its lease lives, so nothing late can decide anything.
 */
import type { BreakerState, Random } from '@breakwater/kernel'
import { HalfOpen } from './half-open.js'
import type { Lease } from './lease.js'
import type { AdmittedCall, ForcedState, MachineConfig, SavedMachine, Verdict } from './machine-data.js'
import { MachineFrame } from './machine-frame.js'
import { Outage } from './outage.js'
import { Ramp } from './ramp.js'
import { Statistics } from './statistics.js'
import type { Slowness } from './statistics.js'
import type { BreakerStats, ErrorShare } from './trip-rule.js'

export class BreakerMachine extends MachineFrame {
  private statistics: Statistics
  private outage: Outage | null = null
  private halfOpen: HalfOpen | null = null
  private ramp: Ramp | null = null

  constructor(
    private config: MachineConfig,
    private readonly random: Random,
    now: number,
  ) {
    super(now)
    this.statistics = new Statistics(config.trip, now)
  }

  /** Every call is admitted, and only its result matters. */
  get isFree(): boolean {
    const { state } = this
    const counts = state === 'closed' || state === 'forced-closed' || state === 'metrics-only'
    return counts && this.ramp === null && this.config.slowerThanMs === undefined
  }

  /** Until when calls will surely be refused; `-Infinity` when they are not. */
  get refusesUntil(): number {
    if (this.state === 'forced-open') return Infinity
    return this.state === 'open' && this.outage !== null ? this.outage.openUntil : -Infinity
  }

  /** Milliseconds until a call may be admitted; 0 when it may be now, `Infinity` when only a command changes that. */
  waitMs(now: number): number {
    if (this.state === 'forced-open') return Infinity
    if (this.state === 'open') return Math.max(0, this.refusesUntil - now)
    if (this.halfOpen !== null) return this.halfOpen.waitMs(now)
    return this.ramp === null ? 0 : this.ramp.waitMs(now)
  }

  /** Admits the call of `lease` or refuses it; the first call after the open time finds the breaker half-open. */
  admit(lease: Lease, now: number): boolean {
    if (now < this.refusesUntil) return false
    if (this.state === 'open') this.moveTo('half-open', 'open time over', now)
    if (this.halfOpen !== null) return this.halfOpen.admit(lease, now)
    if (this.ramp === null) return true
    if (!this.ramp.isOver(now)) return this.ramp.admit(lease, now)
    this.ramp = null
    return true
  }

  /** Tells the time to the windows. */
  advance(now: number): void {
    this.toldAt = now
    this.statistics.advance(now)
  }

  /** A good end of a call that was admitted freely in this generation; `false` when `judge` has to follow. */
  freeSuccess(): boolean {
    this.statistics.freeSuccess()
    return this.statistics.isQuiet
  }

  /** The bad end of such a call. */
  freeFailure(now: number): void {
    this.statistics.failure(now, 'fast')
    this.judge(now)
  }

  /** The end of an admitted call; `false` when it came too late to change anything. */
  settle(admitted: AdmittedCall, verdict: Verdict, now: number, slow: boolean): boolean {
    const { lease, generation } = admitted
    if (generation !== this.generation) return false
    if (lease?.role === 'probe') return this.settleProbe(lease, verdict, now, slow)
    if (lease?.role === 'ramp') this.ramp?.ended(lease, now)
    if (verdict === 'neutral' || this.state === 'disabled') return true
    const slowness: Slowness = lease?.isCountedSlow === true ? 'counted' : slow ? 'slow' : 'fast'
    if (verdict === 'success') this.statistics.success(now, slowness)
    else this.statistics.failure(now, slowness)
    if (!this.statistics.isQuiet) this.judge(now)
    return true
  }

  /** A call in flight has just become slow. */
  slowInFlight(lease: Lease, generation: number, now: number): void {
    // The rule by which it is slow may be gone.
    if (this.config.slowerThanMs === undefined) return
    if (generation !== this.generation || lease.isCountedSlow || this.state === 'disabled') return
    if (lease.role === 'probe') {
      // A trial of this generation: the breaker is still half-open.
      if ((this.halfOpen as HalfOpen).giveBack(lease, now)) this.open('trial was slow', now)
      return
    }
    lease.isCountedSlow = true
    this.statistics.slowInFlight(now)
    this.judge(now)
  }

  /** Holds a state until `release`. Forced-open wins over forced-closed, as in Hystrix. */
  force(state: ForcedState, reason: string, now: number): void {
    if (this.state === state || (this.state === 'forced-open' && state === 'forced-closed')) return
    this.moveTo(state, reason, now)
  }

  /** Leaves a held state: the window decides, not the state before it. */
  release(now: number): void {
    if (this.state === 'closed' || this.state === 'open' || this.state === 'half-open') return
    const { generation } = this
    this.statistics.advance(now)
    const reason = this.statistics.trippedBy()
    // A rule of the user's own may have moved the breaker on.
    if (generation !== this.generation) return
    if (reason !== undefined) this.open(reason, now)
    else this.close('released', now)
  }

  /** Opens for exactly so long, unless a state is held. */
  openFor(ms: number, reason: string, now: number): void {
    const { state } = this
    if (state === 'open') (this.outage ??= new Outage()).openUntil = now + ms
    else if (state === 'closed' || state === 'half-open') this.openWith(ms, reason, now)
  }

  /** Closed, with empty windows. */
  reset(now: number): void {
    this.ramp = null
    if (this.state === 'closed') this.generation++
    else this.close('reset', now)
    this.statistics.reset(now)
  }

  /** Other options from now on; the counts are kept as far as the new windows reach. */
  configure(config: MachineConfig, now: number): void {
    const { statistics, halfOpen, ramp } = this
    this.config = config
    this.statistics = new Statistics(config.trip, now)
    this.statistics.takeOver(statistics, now)
    if (halfOpen !== null) halfOpen.rules = config
    if (config.rampMs === 0) this.ramp = null
    else ramp?.configure(config)
  }

  /** The counts of the windows at `now`. */
  stats(now: number): BreakerStats {
    this.statistics.advance(now)
    return this.statistics.stats()
  }

  override judged(now: number): ErrorShare {
    this.statistics.advance(now)
    return this.statistics.judged()
  }

  save(now: number): SavedMachine {
    const { state, outage } = this
    const { trips = 0, lastOpenMs } = outage ?? {}
    const openForMs = state === 'open' ? this.waitMs(now) : 0
    const statistics = this.statistics.save(now)
    return { state, openForMs, trips, ...(lastOpenMs === undefined ? {} : { lastOpenMs }), statistics }
  }

  /** Takes over a saved state; trials in flight elsewhere are lost, so half-open becomes an open time that is over. */
  restore(saved: SavedMachine, now: number): void {
    this.statistics.restore(saved.statistics, now)
    this.outage = new Outage(saved.trips, saved.lastOpenMs)
    this.outage.openUntil = now + saved.openForMs
    const state = saved.state === 'half-open' ? 'open' : saved.state
    if (state !== 'closed') this.moveTo(state, 'restored', now)
  }

  private settleProbe(lease: Lease, verdict: Verdict, now: number, slow: boolean): boolean {
    const halfOpen = this.halfOpen as HalfOpen
    if (!halfOpen.giveBack(lease, now)) {
      if (verdict === 'success') halfOpen.wentWellLate(lease, now)
      return false
    }
    if (verdict === 'failure') this.open('trial failed', now)
    else if (verdict === 'success' && slow) this.open('trial was slow', now)
    else if (verdict === 'success' && halfOpen.success()) this.recover(now)
    return true
  }

  /** Asks the rules, at the time last told where no other is given. */
  judge(now: number = this.toldAt): void {
    const { state, generation } = this
    if (state !== 'closed') return
    const reason = this.statistics.trippedBy()
    // A rule of the user's own may have moved the breaker on.
    if (reason !== undefined && generation === this.generation) this.open(reason, Math.max(now, this.since))
  }

  private open(reason: string, now: number): void {
    const { generation } = this
    this.outage ??= new Outage()
    const openMs = this.outage.trip(this.config.open, this.random)
    // So may a back-off of his have done.
    if (generation === this.generation) this.openWith(openMs, reason, now)
  }

  private openWith(ms: number, reason: string, now: number): void {
    ;(this.outage ??= new Outage()).openUntil = now + ms
    this.moveTo('open', reason, now, ms)
  }

  private close(reason: string, now: number): void {
    this.outage = null
    this.moveTo('closed', reason, now)
  }

  private recover(now: number): void {
    this.close('trials succeeded', now)
    this.statistics.reset(now)
    this.statistics.success(now, 'fast')
    if (this.config.rampMs > 0) this.ramp = new Ramp(now, this.config)
  }

  protected override moveTo(to: BreakerState, reason: string, now: number, openMs?: number): void {
    super.moveTo(to, reason, now, openMs)
    this.ramp = null
    this.halfOpen = to === 'half-open' ? new HalfOpen(this.config) : null
  }
}
