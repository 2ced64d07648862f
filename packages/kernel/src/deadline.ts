/**
 * Deadlines without a timer per call. All calls that wait equally long stand in one line, which is sorted by itself,
 * and one timer watches the head of each line: joining and leaving cost a few nanoseconds, nothing is cancelled when
 * a call succeeds, and a line wakes the process about once per duration.
 *
 * A timer that fires proves only that the loop came round: after a stall the answer may already lie in the socket. So
 * the verdict waits until the loop has polled once, and falls only on those whose time was over when the timer fired.
 * Whose work had yet to send something when the loop stalled gets half of the time back that the stall has taken.
 */
import type { Cancel, Clock, MonotonicMs } from './clock.js'
import { Arrivals, leave } from './core/arrivals.js'
import type { Waiting } from './core/arrivals.js'
import { reportInternalError } from './internal-errors.js'
import { outsideOfCalls } from './outside-of-calls.js'

/** A timer that rings so late says that the loop stalled. */
const STALLED_MS = 20
/** Then an answer may need more than one poll: accepted, read, and read on. */
const POLLS_AFTER_STALL = 3

/** What a line needs to know of its time base. */
export interface LineOwner {
  readonly clock: Clock
  /** Promises that `line.stamp(now)` is called at the end of this turn of the loop. */
  stampAtTurnEnd(line: DeadlineLine): void
  /** The line has a timer now, or none any more. */
  isArmed(line: DeadlineLine, armed: boolean): void
}

/** The line of all who wait for the same number of milliseconds on one clock. */
export class DeadlineLine {
  private readonly arrivals = new Arrivals()
  private hasUnstamped = false
  private armed: Cancel | undefined = undefined
  private judging = false
  /** How long the loop had been at work when the timer was set. */
  private busyBefore = NaN
  /** Who joined until then was given time back. */
  private forgivenAt = -Infinity
  private polls = 1

  constructor(
    private readonly owner: LineOwner,
    readonly durationMs: number,
  ) {}

  get isEmpty(): boolean {
    return this.arrivals.isEmpty
  }

  /**
   * Joins the line. Without `now` the time of the next clock read is the start, so that the end may be late by part of a
   * loop turn but never early.
   */
  join(waiting: Waiting, now: number | undefined): void {
    if (now !== undefined) {
      if (this.hasUnstamped) this.stamp(now)
      waiting.at = now + this.durationMs
    } else if (!this.hasUnstamped) this.expectStamp()
    this.arrivals.add(waiting)
    if (this.armed === undefined) this.watch(now)
  }

  /** Gives those who joined without a time the start `now`. */
  stamp(now: number): void {
    this.hasUnstamped = false
    this.arrivals.stamp(now + this.durationMs)
  }

  /** When the time of the first who waits is over, as far as it is known. */
  get endsAt(): number {
    return this.arrivals.head()?.at ?? Infinity
  }

  /** Gives the timer back, when nobody waits. Who joins later sets another. */
  disarm(): void {
    this.armed?.()
    this.armed = undefined
    this.owner.isArmed(this, false)
  }

  private expectStamp(): void {
    this.hasUnstamped = true
    this.owner.stampAtTurnEnd(this)
  }

  private watch(now: number | undefined): void {
    if (!this.judging) this.arm((now ?? this.owner.clock.now()) + this.durationMs)
  }

  private arm(at: number): void {
    const { owner } = this
    this.busyBefore = busyMs(owner.clock)
    this.armed = outsideOfCalls(() =>
      owner.clock.schedule(at as MonotonicMs, () => this.ring(), { background: true }),
    )
    owner.isArmed(this, true)
  }

  private ring(): void {
    this.armed = undefined
    this.owner.isArmed(this, false)
    const now = this.owner.clock.now()
    if (this.hasUnstamped) this.stamp(now)
    const head = this.arrivals.head()
    if (head === undefined) return
    const at = head.at as number
    if (at > now) {
      this.arm(at)
      return
    }
    if (now - at > STALLED_MS) {
      this.polls = POLLS_AFTER_STALL
      if (this.forgive(at, now)) return
    }
    this.judging = true
    this.judgeAfter(this.polls, now)
    this.polls = 1
  }

  /**
   * After a stall: those who waited through it are judged later, once. By half of what the stall took of the time of the first, as far as
   * that is known: the loop was at work for at least so long, and nobody joined meanwhile. So nobody waits longer than his time and the stall.
   */
  private forgive(at: number, now: number): boolean {
    const lagMs = now - at
    const leftMs = at - this.arrivals.lastAt() + this.durationMs
    const takenMs = Math.min(leftMs, busyMs(this.owner.clock) - this.busyBefore - lagMs, lagMs)
    // Not a number where the clock cannot tell.
    if (at - this.durationMs <= this.forgivenAt || !(takenMs >= 2)) return false
    this.forgivenAt = now
    this.arrivals.postpone(lagMs + takenMs / 2)
    this.arm(now + takenMs / 2)
    return true
  }

  private judgeAfter(polls: number, rangAt: number): void {
    afterPoll(this.owner.clock, () => {
      if (polls > 1) this.judgeAfter(polls - 1, rangAt)
      else this.judge(rangAt)
    })
  }

  private judge(rangAt: number): void {
    for (;;) {
      const head = this.arrivals.head()
      if (head?.at === undefined || head.at > rangAt) break
      leave(head)
      try {
        head.expire()
      } catch (error) {
        reportInternalError(error, 'deadline')
      }
    }
    this.judging = false
    const head = this.arrivals.head()
    if (head !== undefined && this.armed === undefined) this.arm(head.at ?? rangAt + this.durationMs)
  }
}

/** How long the loop has been at work, from some time on; not a number where the clock cannot tell. */
function busyMs(clock: Clock): number {
  return clock.idleMs === undefined ? NaN : clock.now() - clock.idleMs()
}

/** Runs after the loop has polled for I/O; a clock that cannot tell gets one more turn of its timers instead. */
export function afterPoll(clock: Clock, run: () => void): void {
  if (clock.afterPoll === undefined) clock.schedule(clock.now(), run)
  else clock.afterPoll(run)
}
