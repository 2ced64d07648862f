/**
 * Reads the clock as seldom as is safe. A read costs as much as a whole bare call, so a pipeline that is called more
 * than about two hundred thousand times a second reads on every 128th call only, and always again in a new turn of the
 * loop: within one turn a spared call believes in a time that is old by the synchronous work of at most 127 calls.
 */
import type { Clock } from '../clock.js'
import type { Timeline } from '../timeline.js'
import type { BreakerPart } from './stage.js'

/** Calls between two reads of a busy pipeline. */
const SPARED_READS = 127
/** A pipeline is busy when its calls follow each other faster than this … */
const BUSY_CALL_MS = 0.005
/** … over so many reads in a row. */
const BUSY_READS = 32

export class ClockReader {
  /** The last time that was read. */
  lastRead = 0
  private spared = 0
  private busyReads = 0
  /** Whether `lastRead` is of this turn of the loop, and other calls of it need not read. */
  protected isFresh = false

  constructor(readonly timeline: Timeline) {}

  // Not worth a field in each idle policy.
  get clock(): Clock {
    return this.timeline.clock
  }

  /** Reads the clock for a call that begins, unless this one need not know the time; whether it did. */
  tick(): boolean {
    if (this.spared > 0) {
      this.spared--
      return false
    }
    this.read()
    return true
  }

  /** The turn of the loop is over in which some reads were spared. */
  turnEnded(): void {
    this.spared = 0
    this.isFresh = false
  }

  /** The time for a call that begins, or `undefined` when this one need not know it. */
  startTime(): number | undefined {
    return this.tick() ? this.lastRead : undefined
  }

  /** The time for a call that ends and began at `startedAt`, if anybody read the clock for it then. */
  endTime(startedAt: number | undefined): number {
    if (startedAt !== undefined) return this.clock.now()
    return this.isFresh ? this.lastRead : this.read()
  }

  /** Tells the time to a breaker that did not hear it in this turn of the loop. */
  refresh(breaker: BreakerPart): void {
    if (!this.isFresh) breaker.advance(this.read())
  }

  protected read(): number {
    const now = this.clock.now()
    if (this.timeline.maySpareReads) this.measurePace(now - this.lastRead)
    this.lastRead = now
    return now
  }

  private measurePace(elapsedMs: number): void {
    const calls = this.busyReads < BUSY_READS ? 1 : SPARED_READS + 1
    if (elapsedMs > BUSY_CALL_MS * calls) {
      this.busyReads = 0
      this.spared = 0
      return
    }
    if (this.busyReads < BUSY_READS) this.busyReads++
    if (this.busyReads < BUSY_READS) return
    this.spared = SPARED_READS
    if (this.isFresh) return
    this.isFresh = true
    this.timeline.tellTurnEnd(this)
  }
}
