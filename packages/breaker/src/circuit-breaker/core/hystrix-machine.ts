/**
 * The state machine as Hystrix has it, by one of the `LINES`: results are heard whenever they come, from whichever state
 * their call was admitted in. Pure, like our own; what a timer of Hystrix does is made up for at the next occasion, at
 * the time at which the timer would have done it.
 *
 * A held state lies over what stands underneath, which goes on moving as far as Hystrix lets it.
 */
import { Health } from './health.js'
import type { HystrixHealth } from './health.js'
import { LINES } from './line.js'
import type { HystrixRules, Line } from './line.js'
import type { Lease } from './lease.js'
import type { AdmittedCall, ForcedState, MachineConfig, SavedMachine, Verdict } from './machine-data.js'
import { MachineFrame } from './machine-frame.js'
import type { BreakerStats } from './trip-rule.js'

const FREE: AdmittedCall = { generation: Infinity, lease: null }

/** A state of its own, without those that are held. */
export type Underneath = 'closed' | 'open' | 'half-open'

export class HystrixMachine extends MachineFrame {
  protected underneath: Underneath = 'closed'
  private readonly line: Line
  private health: Health
  private held: ForcedState | undefined = undefined
  /** When the present sleep window began, and how long it is where that was said by hand. */
  private sleep: { readonly since: number; readonly forMs?: number } = { since: 0 }
  private consecutiveFailures = 0

  constructor(
    protected rules: HystrixRules,
    now: number,
  ) {
    super(now)
    this.line = LINES[rules.compat]
    this.health = new Health(rules, now)
  }

  /** Never: a call that was admitted long ago may matter in any state. */
  get isFree(): boolean {
    return false
  }

  get refusesUntil(): number {
    // While it is half-open, a refused call has to be noticed.
    if (this.underneath === 'half-open') return -Infinity
    if (this.held === 'forced-open') return Infinity
    return this.state === 'open' ? this.sleepsUntil : -Infinity
  }

  waitMs(now: number): number {
    if (this.held === 'forced-open') return Infinity
    // Whoever asks before the trial has ended is refused, for a new sleep window.
    if (this.state === 'half-open') return this.rules.sleepMs
    return this.state === 'open' ? Math.max(0, this.sleepsUntil - now) : 0
  }

  admit(lease: Lease, now: number): boolean {
    const isAdmitted = this.allows(lease, now)
    if (!isAdmitted && lease.outlivesRefusal !== true) this.commandEnded(now)
    return isAdmitted
  }

  advance(now: number): void {
    this.toldAt = now
    this.catchUp(now)
  }

  freeSuccess(): boolean {
    return this.settle(FREE, 'success', this.toldAt)
  }

  freeFailure(now: number): void {
    this.settle(FREE, 'failure', now)
  }

  settle(admitted: AdmittedCall, verdict: Verdict, now: number): boolean {
    if (admitted.lease?.isHeard !== true) this.workEnded(admitted, verdict, now)
    this.counted(verdict, now)
    return true
  }

  /** The value or the error of a call is there: `markSuccess` and `markNonSuccess` of Hystrix. `false`: too late. */
  workEnded(_admitted: AdmittedCall, verdict: Verdict, now: number): boolean {
    this.catchUp(now)
    if (verdict !== 'success') this.commandEnded(now)
    else if (this.underneath === this.line.successClosesIn && !this.isSwitchedOff)
      this.close('a call succeeded', now)
    return true
  }

  /** A call is over, its fallback too: only now health counts it. */
  counted(verdict: Verdict, now: number): void {
    this.catchUp(now)
    if (verdict !== 'neutral') {
      this.consecutiveFailures = verdict === 'success' ? 0 : this.consecutiveFailures + 1
      this.health.record(verdict === 'failure')
    }
    this.commandEnded(now)
  }

  // No rule of Hystrix looks at speed.
  slowInFlight(): void {}

  /** `isOpen()` of Hystrix asks the rule wherever only a call may open it, whoever looks. */
  judge(now: number = this.toldAt): void {
    this.catchUp(now)
    if (this.line.opensBy === 'asking' && !this.isSwitchedOff) this.openIfTripped(now)
  }

  /** What the line itself would say, once `judge` was told the time. */
  get hystrixHealth(): HystrixHealth {
    const { held, line, underneath } = this
    const isTold = line.tellsForced && held !== undefined
    const isOpen = !this.isSwitchedOff && (isTold ? held === 'forced-open' : underneath !== 'closed')
    return { ...this.health.counts(), isOpen }
  }

  force(state: ForcedState, reason: string, now: number): void {
    this.catchUp(now)
    if (this.held === state || (this.held === 'forced-open' && state === 'forced-closed')) return
    this.held = state
    this.moveTo(state, reason, now)
  }

  /** What stands underneath comes to light. */
  release(now: number): void {
    if (this.held === undefined) return
    this.catchUp(now)
    this.held = undefined
    const openMs = this.underneath === 'open' ? Math.max(0, this.sleepsUntil - now) : undefined
    this.moveTo(this.underneath, 'released', now, openMs)
  }

  openFor(ms: number, reason: string, now: number): void {
    if (this.held !== undefined) return
    this.catchUp(now)
    this.sleep = { since: now, forMs: ms }
    if (this.underneath !== 'open') this.moveUnderneath('open', reason, now, ms)
  }

  reset(now: number): void {
    this.held = undefined
    this.consecutiveFailures = 0
    this.underneath = 'closed'
    if (this.state !== 'closed') this.moveTo('closed', 'reset', now)
    this.health = new Health(this.rules, now)
  }

  /** Threshold and sleep window change at once, window and buckets when it next closes, as in Hystrix. */
  configure(config: MachineConfig, now: number): void {
    this.catchUp(now)
    this.rules = config.hystrix ?? this.rules
  }

  stats(): BreakerStats {
    const { total, errors: failures, percent: errorPercent } = this.health.counts()
    const { consecutiveFailures } = this
    return { successes: total - failures, failures, slow: 0, total, errorPercent, consecutiveFailures }
  }

  save(now: number): SavedMachine {
    this.catchUp(now)
    const { consecutiveFailures, underneath } = this
    const openForMs = underneath === 'open' ? Math.max(0, this.sleepsUntil - now) : 0
    const statistics = { window: this.health.save(now), consecutiveFailures }
    return { state: this.held ?? underneath, openForMs, trips: underneath === 'closed' ? 0 : 1, statistics }
  }

  /** A trial in flight elsewhere is lost, so half-open becomes a sleep window that is over. */
  restore({ state, openForMs, trips, statistics }: SavedMachine, now: number): void {
    this.health.restore(statistics.window)
    this.consecutiveFailures = statistics.consecutiveFailures
    this.sleep = { since: now + openForMs - this.rules.sleepMs }
    if (state === 'open' || state === 'half-open') this.moveUnderneath('open', 'restored', now, openForMs)
    else if (state !== 'closed') {
      if (openForMs > 0 || trips > 0) this.underneath = 'open'
      this.force(state, 'restored', now)
    }
  }

  /** Nothing moves, as with `circuitBreaker.enabled` = false; health counts go on, for they are not the breaker's. */
  protected get isSwitchedOff(): boolean {
    return this.held === 'disabled' || this.held === 'metrics-only'
  }

  private get sleepsUntil(): number {
    const { since, forMs = this.rules.sleepMs } = this.sleep
    return since + forMs
  }

  private allows(lease: Lease, now: number): boolean {
    if (this.held === 'forced-open') return false
    this.judge(now)
    if (this.held !== undefined || this.underneath === 'closed') return true
    const { sleepsUntil, line } = this
    const isAsleep = now < sleepsUntil || (now === sleepsUntil && line.sleepsThroughItsEnd)
    return !(this.underneath === 'open' && isAsleep) && this.admitsTrial(lease, now)
  }

  /** A call that would be the trial, for the sleep window is over. */
  protected admitsTrial(lease: Lease, now: number): boolean {
    if (this.underneath === 'half-open') return false
    lease.role = 'probe'
    if (this.line.hasHalfOpen) this.moveUnderneath('half-open', 'sleep window over', now)
    else this.sleep = { since: now }
    return true
  }

  /** An end that is no success, or one that comes after it. */
  private commandEnded(now: number): void {
    if (this.underneath === this.line.otherEndsOpenIn && !this.isSwitchedOff) {
      this.open('a call ended during the trial', now)
    }
  }

  /** Closes the health buckets that are over, one by one as long as one of them may open the breaker. */
  protected catchUp(now: number): void {
    if (this.line.opensBy === 'ticking') {
      const { health, rules } = this
      // Hystrix counts no calls as 0 % of them.
      const emptyMatters = rules.volume <= 0 && rules.percent <= 0
      while (this.underneath === 'closed' && !this.isSwitchedOff && health.closeNext(now, emptyMatters))
        this.openIfTripped(health.closedAt)
    }
    this.health.advance(now)
  }

  private openIfTripped(now: number): void {
    const { total, percent } = this.health.counts()
    const isTripped = total >= this.rules.volume && percent >= this.rules.percent
    if (this.underneath === 'closed' && isTripped) this.open('error-rate', now)
  }

  protected open(reason: string, now: number): void {
    this.sleep = { since: now }
    this.moveUnderneath('open', reason, now, this.rules.sleepMs)
  }

  protected close(reason: string, now: number): void {
    this.moveUnderneath('closed', reason, now)
    this.health = new Health(this.rules, now, true)
  }

  protected moveUnderneath(to: Underneath, reason: string, now: number, openMs?: number): void {
    this.underneath = to
    if (this.held === undefined) this.moveTo(to, reason, now, openMs)
  }
}
