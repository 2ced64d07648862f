/**
 * What a breaker knows about the calls of its present life: the windows that its rules need, each kept once.
 */
import { CountWindow } from './count-window.js'
import type { SavedCountWindow, SavedTimeWindow } from './saved-window.js'
import { TimeWindow } from './time-window.js'
import { reaches } from './trip-rule.js'
import type { BreakerStats, ErrorShare, TripRule } from './trip-rule.js'

interface Shape {
  readonly windowMs: number
  readonly buckets: number
}

interface ShapedWindow extends Shape {
  readonly window: TimeWindow
}

const DEFAULT_SHAPE: Shape = { windowMs: 10_000, buckets: 10 }

/** Counts as JSON, with ages instead of times. */
export interface SavedStatistics {
  readonly window: SavedTimeWindow
  readonly counted?: SavedCountWindow
  readonly consecutiveFailures: number
}

/** How a call that ended was seen by a slow-call rule. */
export type Slowness = 'fast' | 'slow' | 'counted'

export class Statistics {
  private consecutive = 0
  /** The window of the first rolling rule; what `stats` and snapshots show. */
  private readonly window: TimeWindow
  /** Windows of further rules with another shape; almost nobody has any. */
  private readonly more: readonly ShapedWindow[] | null
  private readonly counted: CountWindow | null
  /** Whether there is more than one window to count in, or a rule that may be fulfilled by anything. */
  private readonly isSpecial: boolean

  /** Whether one more success can surely fulfil no rule: there is no failure or slow call whose volume it might complete. */
  isQuiet: boolean

  // Asked at each failure, where a loop over one rule costs more than the rule.
  private readonly firstRule: TripRule | undefined
  /** Almost nobody has any. */
  private readonly otherRules: readonly TripRule[] | null

  constructor(
    private readonly rules: readonly TripRule[],
    now: number,
  ) {
    this.firstRule = rules[0]
    this.otherRules = rules.length > 1 ? rules.slice(1) : null
    const [first = DEFAULT_SHAPE, ...others] = shapesOf(rules)
    this.window = new TimeWindow(first.windowMs, first.buckets, now)
    this.more =
      others.length === 0
        ? null
        : others.map((shape) => ({ ...shape, window: new TimeWindow(shape.windowMs, shape.buckets, now) }))
    const size = Math.max(0, ...rules.map((rule) => (rule.kind === 'count-rate' ? rule.size : 0)))
    this.counted = size === 0 ? null : new CountWindow(size)
    this.isSpecial = this.more !== null || size > 0 || rules.some(({ kind }) => kind === 'custom')
    this.isQuiet = !this.isSpecial
  }

  /** A fast success at the time last told. */
  freeSuccess(): void {
    this.consecutive = 0
    this.window.success()
    if (this.isSpecial) this.countElsewhere()
  }

  success(now: number, slowness: Slowness): void {
    this.consecutive = 0
    if (slowness !== 'fast') this.isQuiet = false
    countIn(this.window, now, slowness, true)
    if (this.more !== null) for (const { window } of this.more) countIn(window, now, slowness, true)
    this.counted?.push(false, slowness !== 'fast')
  }

  failure(now: number, slowness: Slowness): void {
    this.consecutive++
    this.isQuiet = false
    if (slowness === 'fast') this.window.failureAt(now)
    else countIn(this.window, now, slowness, false)
    if (this.more !== null) for (const { window } of this.more) countIn(window, now, slowness, false)
    this.counted?.push(true, slowness !== 'fast')
  }

  /** A call in flight has become slow. */
  slowInFlight(now: number): void {
    this.isQuiet = false
    this.window.slowAt(now)
    if (this.more !== null) for (const { window } of this.more) window.slowAt(now)
  }

  /** The kind of the first rule that is fulfilled, as of the last time told. */
  trippedBy(): TripRule['kind'] | undefined {
    const { firstRule } = this
    if (firstRule === undefined || this.fulfils(firstRule)) return firstRule?.kind
    return this.otherRules?.find((rule) => this.fulfils(rule))?.kind
  }

  advance(now: number): void {
    this.window.advance(now)
    if (this.more !== null) for (const { window } of this.more) window.advance(now)
    this.isQuiet = !this.isSpecial && this.window.failures === 0 && this.window.slow === 0
  }

  reset(now: number): void {
    this.consecutive = 0
    this.window.reset(now)
    if (this.more !== null) for (const { window } of this.more) window.reset(now)
    this.counted?.reset()
    this.isQuiet = !this.isSpecial
  }

  stats(): BreakerStats {
    const { successes, failures, slow, total } = this.window
    const { errorPercent } = shareIn(this.window)
    return { successes, failures, slow, total, errorPercent, consecutiveFailures: this.consecutive }
  }

  /** What the first rule about a share of failures judges by; where there is none, the same as `stats`. */
  judged(): ErrorShare {
    const rule = this.rules.find(({ kind }) => kind === 'error-rate' || kind === 'count-rate')
    if (rule?.kind === 'error-rate') return shareIn(this.windowOf(rule))
    // A rule of this kind has its window.
    return shareIn(rule === undefined ? this.window : (this.counted as CountWindow))
  }

  save(now: number): SavedStatistics {
    const window = this.longestWindow().save(now)
    const counted = this.counted === null ? {} : { counted: this.counted.save() }
    return { window, ...counted, consecutiveFailures: this.consecutive }
  }

  restore(saved: SavedStatistics, now: number): void {
    this.window.restore(saved.window, now)
    if (this.more !== null) for (const { window } of this.more) window.restore(saved.window, now)
    if (saved.counted !== undefined) this.counted?.restore(saved.counted)
    this.consecutive = saved.consecutiveFailures
    this.isQuiet = false
  }

  /** Continues with the counts of `other`, on the same clock, as far as the windows reach. */
  takeOver(other: Statistics, now: number): void {
    const theirs = other.shaped()
    for (const { windowMs, buckets, window } of this.shaped()) {
      const same = theirs.find((shaped) => shaped.windowMs === windowMs && shaped.buckets === buckets)
      window.restore((same?.window ?? other.longestWindow()).save(now), now)
    }
    if (other.counted !== null) this.counted?.restore(other.counted.save())
    this.consecutive = other.consecutive
    this.isQuiet = false
  }

  private fulfils(rule: TripRule): boolean {
    switch (rule.kind) {
      case 'error-rate': {
        const window = this.windowOf(rule)
        return reaches(window.failures, window.total, rule)
      }
      case 'slow-calls': {
        const window = this.windowOf(rule)
        return reaches(window.slow, window.judged, rule)
      }
      case 'count-rate':
        return this.counted !== null && reaches(this.counted.failures, this.counted.total, rule)
      case 'consecutive-failures':
        return this.consecutive >= rule.failures
      case 'custom':
        return rule.when(this.stats())
    }
  }

  private countElsewhere(): void {
    if (this.more !== null) for (const { window } of this.more) window.success()
    this.counted?.push(false, false)
  }

  private windowOf({ windowMs, buckets }: Shape): TimeWindow {
    const other = this.more?.find((shaped) => shaped.windowMs === windowMs && shaped.buckets === buckets)
    return other?.window ?? this.window
  }

  private longestWindow(): TimeWindow {
    const longest = this.shaped().reduce((long, shape) => (shape.windowMs > long.windowMs ? shape : long))
    return longest.window
  }

  private shaped(): readonly ShapedWindow[] {
    const [first = DEFAULT_SHAPE] = shapesOf(this.rules)
    return [{ ...first, window: this.window }, ...(this.more ?? [])]
  }
}

function shareIn({ failures, total }: { readonly failures: number; readonly total: number }): ErrorShare {
  return { total, errorPercent: total === 0 ? 0 : (failures * 100) / total }
}

function shapesOf(rules: readonly TripRule[]): Shape[] {
  const rolling = rules.filter((rule) => rule.kind === 'error-rate' || rule.kind === 'slow-calls')
  return rolling.filter(
    (rule, index) =>
      rolling.findIndex(({ windowMs, buckets }) => windowMs === rule.windowMs && buckets === rule.buckets) ===
      index,
  )
}

function countIn(window: TimeWindow, now: number, slowness: Slowness, success: boolean): void {
  if (slowness === 'counted') {
    if (success) window.settledSlowSuccessAt(now)
    else window.settledSlowFailureAt(now)
    return
  }
  if (slowness === 'slow') {
    // Seen to be slow at its end: the same as seen a moment before it.
    window.slowAt(now)
    countIn(window, now, 'counted', success)
  } else if (success) window.successAt(now)
  else window.failureAt(now)
}
