/**
 * What lies between calls and a limit that is found out: says what the end of a call means, hands it to the algorithm,
 * and changes the number of slots when that has changed its mind.
 */
import { isBreakwaterError, reportInternalError } from '@breakwater/kernel'
import type { Emitter, LimitSampler, MonotonicMs, Outcome } from '@breakwater/kernel'
import type { Slots } from '../bulkhead/slots.js'
import type { LoadVerdict, ResolvedAdaptiveLimiter } from './adaptive-limiter-options.js'
import { limitFinder } from './limit-finder.js'
import type { LimitFinder } from './limit-finder.js'

/** The limit of a limiter changed. */
export interface LimitChange {
  readonly from: number
  readonly to: number
  readonly at: MonotonicMs
}

const TOO_MANY_REQUESTS = 429
const UNAVAILABLE = 503

export class Adaptation implements LimitSampler {
  events: Emitter<{ limit: LimitChange }> | null = null
  readonly finder: LimitFinder
  /** The last latency that somebody measured: what those have whom nobody did. */
  private lastMs = 0

  constructor(
    private options: ResolvedAdaptiveLimiter,
    private readonly slots: Slots,
  ) {
    this.finder = limitFinder(options)
  }

  succeeded(value: unknown, durationMs: number, now: number): void {
    const { classify } = this.options
    if (classify === undefined) this.learn(isRefusal(value) ? 'dropped' : 'success', durationMs, now)
    else this.learn(ask(classify, { kind: 'success', value }), durationMs, now)
  }

  ended(outcome: Outcome<unknown>, durationMs: number | undefined, now: number): void {
    switch (outcome.kind) {
      case 'success':
        if (durationMs !== undefined) this.succeeded(outcome.value, durationMs, now)
        return
      case 'failure':
      case 'timeout': {
        const { classify } = this.options
        this.learn(classify === undefined ? verdictOn(outcome) : ask(classify, outcome), durationMs, now)
        return
      }
      case 'rejected':
      case 'cancelled':
      case 'ignored':
    }
  }

  /** Other bounds from now on. */
  configure(options: ResolvedAdaptiveLimiter): void {
    this.options = options
    this.finder.follow(options)
    this.apply(options.clock.now())
  }

  private learn(verdict: LoadVerdict, measuredMs: number | undefined, now: number): void {
    if (verdict === 'ignored') return
    const durationMs = measuredMs ?? this.lastMs
    this.lastMs = durationMs
    // Its slot is free already, or handed on.
    const inFlight = this.slots.running + 1
    this.finder.observe({ now, durationMs, inFlight, isDrop: verdict === 'dropped' })
    if (this.finder.limit !== this.slots.limit) this.apply(now)
  }

  private apply(now: number): void {
    const from = this.slots.limit
    const to = this.finder.limit
    if (from === to) return
    this.slots.resize(to)
    this.events?.emit('limit', { from, to, at: now })
  }
}

function ask(
  classify: NonNullable<ResolvedAdaptiveLimiter['classify']>,
  outcome: Outcome<unknown>,
): LoadVerdict {
  try {
    const verdict: unknown = classify(outcome)
    if (verdict === 'success' || verdict === 'dropped' || verdict === 'ignored') return verdict
    reportInternalError(new TypeError('classify must answer success, dropped or ignored'), 'classify')
  } catch (error) {
    reportInternalError(error, 'classify')
  }
  return 'ignored'
}

// A failure that is no refusal may be quick or slow for reasons of its own.
function verdictOn(outcome: Extract<Outcome<unknown>, { readonly error: unknown }>): LoadVerdict {
  if (outcome.kind === 'timeout') return 'dropped'
  // A refusal of our own, of a command inside, never got as far as the dependency.
  return !isBreakwaterError(outcome.error) && isRefusal(outcome.error) ? 'dropped' : 'ignored'
}

// Answers of fetch and undici, errors of http-errors and the like, and those that carry an answer. Foreign objects, all.
function isRefusal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  try {
    const { status, statusCode, response } = value as Partial<Record<string, unknown>>
    const inner = (response as Partial<Record<string, unknown>> | null | undefined)?.['status']
    return [status, statusCode, inner].some((code) => code === TOO_MANY_REQUESTS || code === UNAVAILABLE)
  } catch (error) {
    reportInternalError(error, 'status of an answer')
    return false
  }
}
