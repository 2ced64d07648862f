/**
 * The frame of a breaker's state machine, the same for our own line and for those of Hystrix: a state that is told, its
 * generation, and the changes of state as data. The lines differ in who may call and in what a result changes.
 */
import type { BreakerState } from '@breakwater/kernel'
import type { Lease } from './lease.js'
import type {
  AdmittedCall,
  ForcedState,
  MachineConfig,
  SavedMachine,
  Transition,
  Verdict,
} from './machine-data.js'
import type { BreakerStats, ErrorShare } from './trip-rule.js'

export abstract class MachineFrame {
  state: BreakerState = 'closed'
  generation = 0
  /** When the present state began. */
  since: number
  /** The time last told, which may be before `since`. */
  toldAt: number
  private transitions: Transition[] | null = null

  constructor(now: number) {
    this.since = now
    this.toldAt = now
  }

  /** Every call is admitted, and only its result matters. */
  abstract get isFree(): boolean

  /** Until when calls will surely be refused; `-Infinity` when they are not. */
  abstract get refusesUntil(): number

  /** Milliseconds until a call may be admitted; 0 when it may be now, `Infinity` when only a command changes that. */
  abstract waitMs(now: number): number

  /** Admits the call of `lease` or refuses it. */
  abstract admit(lease: Lease, now: number): boolean

  /** Tells the time to the windows. */
  abstract advance(now: number): void

  /** A good end of a call that was admitted freely in this generation; `false` when `judge` has to follow. */
  abstract freeSuccess(): boolean

  /** A bad end of a call that was admitted freely in this generation. */
  abstract freeFailure(now: number): void

  /** The end of an admitted call; `false` when it came too late to change anything. */
  abstract settle(admitted: AdmittedCall, verdict: Verdict, now: number, slow: boolean): boolean

  /** A call in flight has just become slow. */
  abstract slowInFlight(lease: Lease, generation: number, now: number): void

  /** Asks the rules, at the time last told where no other is given. */
  abstract judge(now?: number): void

  /** Holds a state until `release`. Forced-open wins over forced-closed, as in Hystrix. */
  abstract force(state: ForcedState, reason: string, now: number): void

  /** Leaves a held state. */
  abstract release(now: number): void

  /** Opens for exactly so long, unless a state is held. */
  abstract openFor(ms: number, reason: string, now: number): void

  /** Closed, with empty windows. */
  abstract reset(now: number): void

  /** Other options from now on. */
  abstract configure(config: MachineConfig, now: number): void

  /** The counts of the windows at `now`. */
  abstract stats(now: number): BreakerStats

  /** Those of them by which a share of failures is judged. */
  judged(now: number): ErrorShare {
    return this.stats(now)
  }

  abstract save(now: number): SavedMachine

  /** Takes over a saved state. */
  abstract restore(saved: SavedMachine, now: number): void

  /** Whether there are transitions to take. */
  get hasMoved(): boolean {
    return this.transitions !== null
  }

  /** The transitions since the last time asked, oldest first. */
  takeTransitions(): readonly Transition[] | null {
    const { transitions } = this
    this.transitions = null
    return transitions
  }

  protected moveTo(to: BreakerState, reason: string, now: number, openMs?: number): void {
    const { state: from, since } = this
    const opened = openMs === undefined ? {} : { openMs }
    const transition = { from, to, reason, counts: this.stats(now), at: now, afterMs: now - since, ...opened }
    this.transitions = [...(this.transitions ?? []), transition]
    this.state = to
    this.since = now
    this.generation++
  }
}
