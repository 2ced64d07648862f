/**
 * Everything that one clock's users share: the deadline lines, and the knowledge of when a turn of the event loop
 * ended, which lets busy pipelines read the clock on every 128th call only (a read costs as much as a whole call).
 */
import { exactClock, systemClock } from './clock.js'
import type { Clock } from './clock.js'
import { afterPoll, DeadlineLine } from './deadline.js'
import type { LineOwner } from './deadline.js'
import { holdAtExit } from './hold-at-exit.js'

/** So many lines are kept, idle or not: budgets clip durations to all sorts of lengths. */
const MAX_IDLE_LINES = 64
/** Who is held for may be answered by something that keeps no process alive: that is noticed so soon. */
const MAX_HOLD_MS = 250

/** Who wants to know when a turn of the event loop is over. */
export interface TurnListener {
  turnEnded(): void
}

/** The time base of all policies on one clock. */
export class Timeline implements LineOwner {
  /** Whether reads may be spared: only where we know how the clock and the loop hang together. */
  readonly maySpareReads: boolean
  private readonly lines = new Map<number, DeadlineLine>()
  private readonly armed = new Set<DeadlineLine>()
  private sweepAt = MAX_IDLE_LINES
  private unstamped: DeadlineLine[] = []
  private listeners: TurnListener[] = []
  private noticing = false

  constructor(readonly clock: Clock) {
    this.maySpareReads = clock === systemClock
    if (clock === systemClock || clock === exactClock) holdAtExit(this)
  }

  /** The line of those who wait for `durationMs` (rounded up to whole milliseconds). */
  line(durationMs: number): DeadlineLine {
    const wholeMs = Math.ceil(durationMs)
    let line = this.lines.get(wholeMs)
    if (line === undefined) {
      if (this.lines.size >= this.sweepAt) this.dropIdleLines()
      line = new DeadlineLine(this, wholeMs)
      this.lines.set(wholeMs, line)
    }
    return line
  }

  /** Tells the listener once, when this turn of the loop is over. */
  tellTurnEnd(listener: TurnListener): void {
    this.listeners.push(listener)
    this.noticeTurnEnd()
  }

  stampAtTurnEnd(line: DeadlineLine): void {
    this.unstamped.push(line)
    this.noticeTurnEnd()
  }

  isArmed(line: DeadlineLine, armed: boolean): void {
    if (armed) this.armed.add(line)
    else this.armed.delete(line)
  }

  private noticeTurnEnd(): void {
    if (this.noticing) return
    this.noticing = true
    afterPoll(this.clock, () => this.endTurn())
  }

  private endTurn(): void {
    this.noticing = false
    for (const listener of this.listeners) listener.turnEnded()
    this.listeners = []
    if (this.unstamped.length === 0) return
    const now = this.clock.now()
    for (const line of this.unstamped) line.stamp(now)
    this.unstamped = []
  }

  // A process must not end under a waiting caller, though the shared timers do not keep it alive; nor go on when he is answered.
  holdProcess(): void {
    const waitedIn = [...this.armed].filter((line) => !line.isEmpty)
    if (waitedIn.length === 0) return
    const latest = this.clock.now() + MAX_HOLD_MS
    const until = waitedIn.reduce((first, { endsAt }) => Math.min(first, endsAt), latest)
    this.clock.schedule(until, () => this.holdProcess())
  }

  private dropIdleLines(): void {
    for (const [durationMs, line] of this.lines) {
      if (!line.isEmpty) continue
      line.disarm()
      this.lines.delete(durationMs)
    }
    // Doubling keeps the cost of a sweep per line constant, however many wait.
    this.sweepAt = Math.max(MAX_IDLE_LINES, this.lines.size * 2)
  }
}

const timelines = new WeakMap<Clock, Timeline>()

/** The one timeline of a clock. */
export function timelineOf(clock: Clock): Timeline {
  let timeline = timelines.get(clock)
  if (timeline === undefined) {
    timeline = new Timeline(clock)
    timelines.set(clock, timeline)
  }
  return timeline
}
