/**
 * Asks again while the first question is still open: against the slow tail of a dependency that is fast as a rule. Further
 * attempts are few, because they are only for calls slower than most, and bounded, because a dependency that has become
 * slow altogether must not get twice its load. The idea is that of Dean and Barroso, "The Tail at Scale" (2013); delay and
 * bound are coupled as in Finagle's backup requests, and what ends a call is as in gRPC's hedging policy.
 */
import { Emitter, PolicyBase, reportInternalError } from '@breakwater/kernel'
import type { FailedOutcome, HedgePart, MonotonicMs, NextHedge, OutcomeKind, Stage } from '@breakwater/kernel'
import { describedRules } from '../common-options.js'
import { BudgetWindow } from '../retry/core/budget-window.js'
import { isFinal } from '../retry/final.js'
import { ObservedDelay } from './core/observed-delay.js'
import { resolveHedgeOptions } from './hedge-options.js'
import type { HedgeOptions, ResolvedHedge } from './hedge-options.js'

/** What a hedge tells its listeners. */
export interface HedgeEvents {
  /** Another attempt begins beside those that run; `reason`: they are slow, or one has just failed. */
  hedge: { readonly attempt: number; readonly reason: 'slow' | 'failed'; readonly at: MonotonicMs }
  /** It was the first to answer. */
  won: { readonly attempt: number; readonly at: MonotonicMs }
  /** There was none, because the allowance or the budget is spent. */
  denied: { readonly attempt: number; readonly at: MonotonicMs }
}

/** What became of further attempts so far. */
export interface HedgeCounts {
  /** Calls. */
  readonly calls: number
  /** Further attempts begun. */
  readonly hedges: number
  /** Those that answered first. */
  readonly won: number
  /** Those that did not begin, because the allowance or the budget was spent. */
  readonly denied: number
}

const ALLOWANCE_WINDOW_MS = 10_000

class Hedges implements HedgePart {
  events: Emitter<HedgeEvents> | null = null
  readonly counts: { -readonly [K in keyof HedgeCounts]: HedgeCounts[K] } = {
    calls: 0,
    hedges: 0,
    won: 0,
    denied: 0,
  }
  readonly maxHedges: number
  readonly budget: ResolvedHedge['budget']
  private readonly allowance: BudgetWindow
  private readonly observed: ObservedDelay | null

  constructor(private readonly options: ResolvedHedge) {
    const { delayMs, percentile, maxHedges, maxExtraPercent, budget } = options
    this.maxHedges = maxHedges
    this.budget = budget
    this.allowance = new BudgetWindow(maxExtraPercent, 0, ALLOWANCE_WINDOW_MS)
    this.observed = delayMs === undefined ? new ObservedDelay(percentile) : null
  }

  called(now: number, isCounted: boolean): void {
    this.counts.calls++
    this.allowance.call(now)
    if (!isCounted) this.budget?.called(now)
  }

  delayMs(now: number): number | undefined {
    return this.observed === null ? this.options.delayMs : this.observed.delayMs(now)
  }

  wants({ kind, error }: FailedOutcome, attempt: number): boolean {
    const { hedgeIf } = this.options
    if (hedgeIf === undefined) return kind !== 'rejected' && !isFinal(error)
    try {
      return hedgeIf(error, { kind, attempt }) === true
    } catch (thrown) {
      reportInternalError(thrown, 'hedgeIf')
      return false
    }
  }

  mayBegin({ attempt, reason }: NextHedge, now: number): boolean {
    const { allowance, budget, counts, events } = this
    if (!allowance.allows(now) || budget?.trySpend(now) === false) {
      counts.denied++
      events?.emit('denied', { attempt, at: now })
      return false
    }
    allowance.tryRetry(now)
    counts.hedges++
    events?.emit('hedge', { attempt, reason, at: now })
    return true
  }

  // What timed out or was dropped would have taken longer still. A quick failure says nothing of an answer.
  ended(kind: OutcomeKind, durationMs: number, now: number): void {
    if (kind !== 'failure' && kind !== 'rejected') this.observed?.record(durationMs, now)
  }

  won(attempt: number, now: number): void {
    this.counts.won++
    this.events?.emit('won', { attempt, at: now })
  }
}

/**
 * A hedge. An attempt that takes longer than `delayMs`, or than most before it, gets company; so does one that fails,
 * at once. The first that succeeds answers the call, and the `signal` of each other one aborts with a `HedgeLostError`. When
 * all have failed, the call fails as the first attempt did. Breakers and bulkheads inside hear `cancelled` of those that
 * lost, never a failure; what stands around hears of one call.
 *
 * Only hedge what may run twice: the library cannot know which of your calls are idempotent. Pass `call.signal` on, or the
 * work that lost runs to its end.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { Hedge } from '@breakwater/breaker'
 *
 * const hedge = new Hedge({ delayMs: 10 })
 * const answer = await hedge.execute(({ attempt }) =>
 *   attempt === 1 ? new Promise<string>(() => {}) : `attempt ${attempt}`,
 * )
 * console.log(answer, hedge.counts.won) // attempt 2 1
 * ```
 */
export class Hedge extends PolicyBase {
  private readonly hedges: Hedges
  /** @internal */
  override readonly stage: Stage

  constructor(options: HedgeOptions = {}) {
    super()
    const resolved = resolveHedgeOptions(options)
    const { name, clock } = resolved
    this.hedges = new Hedges(resolved)
    const describe: Stage['describe'] = () => ({ kind: 'hedge', name, options: describedRules(resolved) })
    this.stage = { slot: 'hedge', part: this.hedges, clock, describe }
  }

  /** What became of further attempts so far. */
  get counts(): HedgeCounts {
    return { ...this.hedges.counts }
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof HedgeEvents>(event: E, listener: (payload: HedgeEvents[E]) => void): () => void {
    this.hedges.events ??= new Emitter('Hedge')
    return this.hedges.events.on(event, listener)
  }
}
