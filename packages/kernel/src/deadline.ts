/**
 * Deadlines without a timer per call. All calls that wait equally long stand in one line, which is sorted by itself,
 * and one timer watches the head of each line: linking and unlinking cost a few nanoseconds, nothing is cancelled when
 * a call succeeds, and a line wakes the process about once per duration.
 *
 * A timer that fires proves only that the loop came round: after a stall the answer may already lie in the socket. So
 * the verdict waits until the loop has polled once, and falls only on those whose time was over when the timer fired.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Cancel, Clock, MonotonicMs } from './clock.js'
import { reportInternalError } from './internal-errors.js'

/** The timers belong to all callers: set in the async context of one, they would keep his alive and run in it for ever. */
const outsideOfCalls = AsyncLocalStorage.snapshot()

/** A timer that rings so late says that the loop stalled. */
const STALLED_MS = 20
/** Then an answer may need more than one poll: accepted, read, and read on. */
const POLLS_AFTER_STALL = 3

/** Someone who waits in a line; one line at a time. */
export abstract class DeadlineNode {
  /** @internal */ prev: DeadlineNode | null = null
  /** @internal */ next: DeadlineNode | null = null
  /** When the time is over; absent until the clock was read (see {@link DeadlineLine.link}). */
  at: number | undefined = undefined

  /** The time is over. */
  abstract expire(): void

  /** Leaves the line; does nothing for one who stands in none. */
  unlink(): void {
    const { prev, next } = this
    if (prev === null || next === null) return
    prev.next = next
    next.prev = prev
    this.prev = this.next = null
  }
}

class Ends extends DeadlineNode {
  constructor() {
    super()
    this.prev = this.next = this
  }
  override expire(): void {}
}

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
  private readonly ends: DeadlineNode = new Ends()
  private hasUnstamped = false
  private armed: Cancel | undefined = undefined
  private judging = false

  constructor(
    private readonly owner: LineOwner,
    readonly durationMs: number,
  ) {}

  get isEmpty(): boolean {
    return this.ends.next === this.ends
  }

  /**
   * Joins the line. Without `now` the node gets the time of the next clock read as its start, so that it may end
   * late by part of a loop turn but never early.
   */
  link(node: DeadlineNode, now: number | undefined): void {
    if (now !== undefined) {
      if (this.hasUnstamped) this.stamp(now)
      node.at = now + this.durationMs
    } else if (!this.hasUnstamped) this.expectStamp()
    const last = this.ends.prev as DeadlineNode
    node.prev = last
    node.next = this.ends
    last.next = node
    this.ends.prev = node
    if (this.armed === undefined) this.watch(now)
  }

  /** Gives those who joined without a time the start `now`. */
  stamp(now: number): void {
    this.hasUnstamped = false
    const at = now + this.durationMs
    for (let node = this.ends.prev as DeadlineNode; node !== this.ends && node.at === undefined;) {
      node.at = at
      node = node.prev as DeadlineNode
    }
  }

  /** Trades the background timer for one that keeps the process alive, while somebody waits. */
  holdProcess(): void {
    const head = this.ends.next as DeadlineNode
    if (head === this.ends || this.judging) return
    this.armed?.()
    this.arm(head.at ?? this.owner.clock.now() + this.durationMs, false)
  }

  private expectStamp(): void {
    this.hasUnstamped = true
    this.owner.stampAtTurnEnd(this)
  }

  private watch(now: number | undefined): void {
    if (!this.judging) this.arm((now ?? this.owner.clock.now()) + this.durationMs)
  }

  private arm(at: number, background = true): void {
    const { owner } = this
    this.armed = outsideOfCalls(() =>
      owner.clock.schedule(at as MonotonicMs, () => this.ring(), { background }),
    )
    owner.isArmed(this, true)
  }

  private ring(): void {
    this.armed = undefined
    this.owner.isArmed(this, false)
    const now = this.owner.clock.now()
    if (this.hasUnstamped) this.stamp(now)
    const head = this.ends.next as DeadlineNode
    if (head === this.ends) return
    const at = head.at as number
    if (at > now) {
      this.arm(at)
      return
    }
    this.judging = true
    this.judgeAfter(now - at > STALLED_MS ? POLLS_AFTER_STALL : 1, now)
  }

  private judgeAfter(polls: number, rangAt: number): void {
    afterPoll(this.owner.clock, () => {
      if (polls > 1) this.judgeAfter(polls - 1, rangAt)
      else this.judge(rangAt)
    })
  }

  private judge(rangAt: number): void {
    for (;;) {
      const head = this.ends.next as DeadlineNode
      if (head === this.ends || head.at === undefined || head.at > rangAt) break
      head.unlink()
      try {
        head.expire()
      } catch (error) {
        reportInternalError(error, 'deadline')
      }
    }
    this.judging = false
    const head = this.ends.next as DeadlineNode
    if (head !== this.ends && this.armed === undefined) this.arm(head.at ?? rangAt + this.durationMs)
  }
}

/** Runs after the loop has polled for I/O; a clock that cannot tell gets one more turn of its timers instead. */
function afterPoll(clock: Clock, run: () => void): void {
  if (clock.afterPoll === undefined) clock.schedule(clock.now(), run)
  else clock.afterPoll(run)
}
