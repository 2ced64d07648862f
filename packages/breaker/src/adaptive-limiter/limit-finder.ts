/**
 * The algorithms, told of single calls: those that work on windows get theirs summed up.
 */
import type { Random } from '@breakwater/kernel'
import type { ResolvedAdaptiveLimiter } from './adaptive-limiter-options.js'
import { AimdLimit } from './core/aimd.js'
import type { EndedCall } from './core/aimd.js'
import { Gradient2Limit } from './core/gradient2.js'
import type { Bounds, LimitState } from './core/limit-state.js'
import { SampleWindow } from './core/sample-window.js'
import type { WindowSample } from './core/sample-window.js'
import { VegasLimit } from './core/vegas.js'

export interface LimitFinder {
  /** A whole number. */
  readonly limit: number
  readonly state: LimitState
  observe(call: EndedCall): void
  follow(bounds: Bounds): void
}

/** The finder of the chosen algorithm. */
export function limitFinder(options: ResolvedAdaptiveLimiter): LimitFinder {
  const { algorithm, initial } = options
  switch (algorithm) {
    case 'aimd':
      return new AimdLimit(initial, options.aimd)
    case 'gradient2':
      return new WindowedFinder(new Gradient2Limit(initial, options.gradient2), options)
    case 'vegas':
      return new WindowedFinder(new VegasLimit(initial, options.vegas), options)
  }
}

/** What works on windows. */
interface WindowedLimit extends Omit<LimitFinder, 'observe'> {
  update(sample: WindowSample, chance: number): void
}

class WindowedFinder implements LimitFinder {
  private readonly window: SampleWindow
  private readonly random: Random

  constructor(
    private readonly windowed: WindowedLimit,
    { windowMs, minSamples, clock, random }: ResolvedAdaptiveLimiter,
  ) {
    this.window = new SampleWindow(windowMs, minSamples, clock.now())
    this.random = random
  }

  get limit(): number {
    return this.windowed.limit
  }

  get state(): LimitState {
    return this.windowed.state
  }

  observe(call: EndedCall): void {
    const sample = this.window.add(call)
    if (sample !== undefined) this.windowed.update(sample, this.random.next())
  }

  follow(bounds: Bounds): void {
    this.windowed.follow(bounds)
  }
}
