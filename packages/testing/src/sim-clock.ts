/**
 * A clock that stands still until it is told to move. `advance` plays Node's event loop at each instant at which
 * something is due: first the timers, then the answers that wait in sockets, then what waits for the poll to be over;
 * after each callback, promises and ticks run to their end. So races between a timeout and an answer come out as they
 * do in production, also after a stall of the loop, but always in the same way and at once.
 */
import { invalidArgument, readOptions } from '@breakwater/kernel'
import type {
  Cancel,
  Clock,
  EpochMs,
  InvalidOptionsError,
  MonotonicMs,
  ScheduleOptions,
} from '@breakwater/kernel'
import { DueQueue } from './core/due-queue.js'
import type { Due } from './core/due-queue.js'
import { nextMacrotask } from './macrotask.js'

/** Where the clock starts. */
export interface SimClockOptions {
  /** The first value of `now()`. Default 0. */
  readonly startMs?: number
  /** The first value of `epochNow()`. Default 2026-01-01T00:00:00Z. */
  readonly epochMs?: number
}

/** What has not run yet. All zero means that nothing was left behind. */
export interface SimPending {
  /** Timers that somebody waits for. */
  readonly timers: number
  /** Timers that do not keep a process alive. */
  readonly background: number
  /** Deliveries of I/O. */
  readonly io: number
  /** Callbacks that wait for the next poll. */
  readonly afterPoll: number
}

const DEFAULT_EPOCH_MS = 1_767_225_600_000
const MAX_TURNS_AT_ONE_INSTANT = 100_000

/**
 * A simulated clock. Nothing runs while time stands still, nothing runs synchronously, and time never goes back.
 *
 * @example
 * ```ts
 * import { SimClock } from '@breakwater/testing'
 *
 * const clock = new SimClock()
 * clock.schedule(1_000, () => console.log(`timer at ${clock.now()}`))
 * clock.io(400, () => console.log(`answer at ${clock.now()}`))
 *
 * await clock.advance(60_000) // prints: answer at 400, timer at 1000; takes no time
 * console.log(clock.pending) // { timers: 0, background: 0, io: 0, afterPoll: 0 }
 * ```
 */
export class SimClock implements Clock {
  private readonly timers = new DueQueue()
  private readonly deliveries = new DueQueue()
  private readonly polled = new DueQueue()
  private time: number
  private epochOffset: number
  private stalledMs = 0
  private arrivals = 0
  private last: Promise<unknown> = Promise.resolve()

  constructor(options?: SimClockOptions) {
    const read = readOptions('SimClock', options, ['startMs', 'epochMs'])
    this.time = read.number('startMs', 0)
    this.epochOffset = read.number('epochMs', DEFAULT_EPOCH_MS) - this.time
    read.finish()
  }

  now(): MonotonicMs {
    return this.time
  }

  epochNow(): EpochMs {
    return this.time + this.epochOffset
  }

  /** All time but that of stalls: callbacks take none here. */
  idleMs(): number {
    return this.time - this.stalledMs
  }

  /** What has not run yet, for leak tests. */
  get pending(): SimPending {
    const background = this.timers.backgroundSize
    return {
      timers: this.timers.size - background,
      background,
      io: this.deliveries.size,
      afterPoll: this.polled.size,
    }
  }

  schedule(at: MonotonicMs, run: () => void, options?: ScheduleOptions): Cancel {
    return this.wait(this.timers, { at, run, background: options?.background === true })
  }

  afterPoll(run: () => void): Cancel {
    return this.wait(this.polled, { at: -Infinity, run, background: false })
  }

  /** Delivers something from outside at `at`, as a socket does: in the poll phase, after the timers of that instant. */
  io(at: MonotonicMs, run: () => void): Cancel {
    return this.wait(this.deliveries, { at, run, background: false })
  }

  /**
   * Moves time forward by `ms`, stopping at each instant at which something is due, and resolves when all of it ran and
   * every promise that it settled has been heard. Calls that overlap run one after the other. Rejects with
   * `InvalidOptionsError` if `ms` is negative or not finite, and with the error of a callback that throws; the rest is
   * then still pending.
   */
  advance(ms: number): Promise<void> {
    const run = this.last.then(() => this.play(positive('advance', ms)))
    this.last = run.catch(() => undefined)
    return run
  }

  /** Runs what is due now and everything that follows from it, without moving time: `advance(0)`. */
  flush(): Promise<void> {
    return this.advance(0)
  }

  /**
   * Blocks the event loop for `ms`: time jumps, and nothing runs until the loop turns again (the next `advance`, or the
   * rest of the one that is under way). Then all timers that are late by now come first, then the answers that came
   * meanwhile.
   */
  stall(ms: number): void {
    this.time += positive('stall', ms)
    this.stalledMs += ms
  }

  /** Sets the wall clock forward or back, as NTP or an operator does; monotonic time is not touched. */
  shiftEpoch(ms: number): void {
    if (!Number.isFinite(ms)) throw invalidMs('shiftEpoch', ms, 'a finite number of milliseconds')
    this.epochOffset += ms
  }

  private wait(queue: DueQueue, what: Omit<Due, 'order'>): Cancel {
    // NaN has no place in an order; real timers fire at once then.
    const at = Number.isNaN(what.at) ? this.time : what.at
    const due: Due = { ...what, at, order: this.arrivals++ }
    queue.add(due)
    return () => {
      queue.remove(due)
    }
  }

  private async play(ms: number): Promise<void> {
    const end = this.time + ms
    await nextMacrotask()
    for (;;) {
      await this.settleInstant()
      const next = Math.min(this.timers.nextAt, this.deliveries.nextAt)
      if (next > end) break
      this.time = next
    }
    this.time = Math.max(this.time, end)
  }

  private async settleInstant(): Promise<void> {
    for (let turn = 0; this.isAnythingDue(); turn++) {
      if (turn === MAX_TURNS_AT_ONE_INSTANT)
        throw new RangeError(`SimClock: time ${this.time} never comes to an end`)
      await this.turnOfLoop()
    }
  }

  private isAnythingDue(): boolean {
    return this.polled.size > 0 || Math.min(this.timers.nextAt, this.deliveries.nextAt) <= this.time
  }

  /** One turn of the loop. What a phase adds to itself waits for the next turn, as in Node. */
  private async turnOfLoop(): Promise<void> {
    // Timers see the time as it is; a stall in one makes more of them due in the same phase.
    await this.phase(this.timers, () => this.time)
    // A poll returns what is ready when it begins.
    const polledAt = this.time
    await this.phase(this.deliveries, () => polledAt)
    await this.phase(this.polled, () => polledAt)
  }

  private async phase(queue: DueQueue, until: () => number): Promise<void> {
    const arrived = this.arrivals
    for (let due = queue.take(until(), arrived); due !== undefined; due = queue.take(until(), arrived)) {
      due.run()
      await nextMacrotask()
    }
  }
}

function positive(method: string, ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms
  throw invalidMs(method, ms, 'a finite number of milliseconds of at least 0')
}

function invalidMs(method: string, received: unknown, expected: string): InvalidOptionsError {
  return invalidArgument(`SimClock.${method}`, { path: 'ms', received, expected })
}
