// Knows when its own process could not look: a ticker that comes late shows for how long. What was measured in such a
// time was measured too long.

/** Stalls older than this are of no interest to any request. */
const KEEP_MS = 10_000
/** Shorter ones are the coarseness of timers. */
const SHORTEST_MS = 1

export class LagMeter {
  private stalls: { readonly at: number; readonly ms: number }[] = []
  private readonly everyMs: number
  private lastTick: number

  /** `everyMs`: how often `tick` is called while nothing stalls. */
  constructor(everyMs: number, now: number) {
    this.everyMs = everyMs
    this.lastTick = now
  }

  tick(now: number): void {
    const ms = now - this.lastTick - this.everyMs
    this.lastTick = now
    if (ms < SHORTEST_MS) return
    this.stalls = this.stalls.filter(({ at }) => at > now - KEEP_MS)
    this.stalls.push({ at: now, ms })
  }

  /** The longest stall, in milliseconds, that ended after `since` or goes on at `now`. */
  worstSince(since: number, now: number): number {
    const ended = this.stalls.filter(({ at }) => at >= since).map(({ ms }) => ms)
    return Math.max(0, now - this.lastTick - this.everyMs, ...ended)
  }
}
