/**
 * What a breaker knows of the time since it was last closed: how often it tripped, which makes it stay open longer, and
 * until when it refuses. A breaker that never trips has none.
 */
import type { Random } from '@breakwater/kernel'
import type { Backoff } from '../../backoff/backoff.js'

export class Outage {
  openUntil = 0

  constructor(
    public trips = 0,
    public lastOpenMs: number | undefined = undefined,
  ) {}

  /** One more trip; answers for how many milliseconds it opens the breaker. */
  trip(open: Backoff, random: Random): number {
    this.trips++
    this.lastOpenMs = open.delayMs(this.trips, random, this.lastOpenMs)
    return this.lastOpenMs
  }
}
