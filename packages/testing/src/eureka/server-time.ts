/** The time of an embedded server: starts at the wall clock, never goes back, and may run faster than the clock it follows. */
import type { Cancel, Clock } from '@breakwater/kernel'

export class ServerTime {
  private readonly clock: Clock
  private readonly speed: number
  private readonly startedAt: number
  private readonly startEpoch: number

  constructor(clock: Clock, speed: number) {
    this.clock = clock
    this.speed = speed
    this.startedAt = clock.now()
    this.startEpoch = clock.epochNow()
  }

  /** Milliseconds since 1970 as the server sees them. */
  now(): number {
    return Math.round(this.startEpoch + (this.clock.now() - this.startedAt) * this.speed)
  }

  /** Runs `run` once `ms` of the server's time have passed. */
  after(ms: number, run: () => void): Cancel {
    return this.clock.schedule(this.clock.now() + ms / this.speed, run, { background: true })
  }
}
