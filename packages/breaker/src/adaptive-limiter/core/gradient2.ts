/**
 * Compares the latency of now with that of a long time: when calls take longer than they used to, they queue, and the
 * limit shrinks by as much. After `Gradient2Limit` of Netflix's concurrency-limits, whose known faults are cured: while
 * the gradient says that calls queue, no allowance for a queue is added (its issue 134), and drops are heard of at all,
 * for a dependency that refuses quickly would look like a quick one.
 */
import { within } from './limit-state.js'
import type { Bounds, LimitState } from './limit-state.js'
import type { WindowSample } from './sample-window.js'

export interface Gradient2Rules extends Bounds {
  /** How many times the long-term latency is still good. */
  readonly tolerance: number
  /** Calls that may queue at the dependency. */
  readonly queueSize: number
  /** How much of a new value is taken at once, above 0 to 1. */
  readonly smoothing: number
  /** Windows that make up the long-term latency. */
  readonly longWindow: number
}

/** The first so many windows weigh equally. */
const FIRST_WINDOWS = 10
/** The least that a window leaves of the limit, before smoothing. */
const STEEPEST = 0.5
/** When the long-term latency is more than so many times that of now, it is of other times. */
const OUTDATED = 2
const FORGETTING = 0.95
/** Added at least while calls do not queue, or no step down would ever be undone. */
const LEAST_STEP = 1

export class Gradient2Limit {
  private estimate: number
  private longMs: number | undefined = undefined
  private windows = 0

  constructor(
    initial: number,
    private rules: Gradient2Rules,
  ) {
    this.estimate = initial
  }

  get limit(): number {
    return Math.floor(this.estimate)
  }

  get state(): LimitState {
    return { estimate: this.estimate, longRttMs: this.longMs }
  }

  update({ meanMs, mostInFlight, hadDrops }: WindowSample): void {
    const gradient = meanMs === undefined ? 1 : this.gradientOf(meanMs)
    if (hadDrops) this.approach(STEEPEST * this.estimate)
    // Who does not use his limit learns nothing about it.
    else if (mostInFlight * 2 >= this.limit) this.approach(this.targetOf(gradient))
  }

  /** Other bounds from now on. */
  follow({ min, max }: Bounds): void {
    this.rules = { ...this.rules, min, max }
    this.estimate = within(this.rules, this.estimate)
  }

  private gradientOf(meanMs: number): number {
    const longMs = this.learn(meanMs)
    return Math.max(STEEPEST, Math.min(1, (this.rules.tolerance * longMs) / meanMs))
  }

  private targetOf(gradient: number): number {
    return gradient < 1
      ? gradient * this.estimate
      : this.estimate + Math.max(LEAST_STEP, this.rules.queueSize)
  }

  private approach(target: number): void {
    const { smoothing } = this.rules
    this.estimate = within(this.rules, this.estimate * (1 - smoothing) + target * smoothing)
  }

  private learn(meanMs: number): number {
    this.windows++
    const weight = this.windows <= FIRST_WINDOWS ? 1 / this.windows : 2 / (this.rules.longWindow + 1)
    const longMs = this.longMs === undefined ? meanMs : this.longMs + (meanMs - this.longMs) * weight
    this.longMs = longMs > OUTDATED * meanMs ? longMs * FORGETTING : longMs
    return longMs
  }
}
