/**
 * The calls of one window, summed up: single latencies say little, their mean says whether calls queue somewhere.
 * After `WindowedLimit` of Netflix's concurrency-limits.
 */
import type { EndedCall } from './aimd.js'

/** What a window of calls had to say. */
export interface WindowSample {
  /** Mean latency of the good ones; `undefined` when there was none. */
  readonly meanMs: number | undefined
  readonly mostInFlight: number
  readonly hadDrops: boolean
}

/** Who ended faster never left the machine, and says nothing of the other side. */
const TOO_FAST_MS = 0.1

export class SampleWindow {
  private endsAt: number
  private good = 0
  private sumMs = 0
  private drops = 0
  private mostInFlight = 0

  constructor(
    private readonly windowMs: number,
    private readonly minSamples: number,
    now: number,
  ) {
    this.endsAt = now + windowMs
  }

  /** Adds a call; answers what the window had to say when it is over with this one, which needs `minSamples`. */
  add({ now, durationMs, inFlight, isDrop }: EndedCall): WindowSample | undefined {
    if (isDrop) this.drops++
    else if (durationMs >= TOO_FAST_MS) {
      this.good++
      this.sumMs += durationMs
    } else return undefined
    this.mostInFlight = Math.max(this.mostInFlight, inFlight)
    return now >= this.endsAt && this.good + this.drops >= this.minSamples ? this.close(now) : undefined
  }

  private close(now: number): WindowSample {
    const { good, sumMs, mostInFlight, drops } = this
    this.endsAt = now + this.windowMs
    this.good = this.sumMs = this.drops = this.mostInFlight = 0
    return { meanMs: good === 0 ? undefined : sumMs / good, mostInFlight, hadDrops: drops > 0 }
  }
}
