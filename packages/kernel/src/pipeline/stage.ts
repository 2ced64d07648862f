/**
 * What a policy brings to a pipeline: one part that fits one slot of the runner. Each slot is filled by one class in
 * the whole process and called at one place in the runner, so these calls stay inlined however many differently
 * shaped pipelines there are; a loop over a list of guards measured at half again the cost.
 */
import type { Call } from '../call.js'
import type { Clock } from '../clock.js'
import type { DeadlineLine } from '../deadline.js'
import type { BreakwaterError } from '../errors.js'
import type { FallbackOutcome } from '../instrument.js'
import type { FailedOutcome, FallbackCause, Outcome, OutcomeKind } from '../outcome.js'
import type { PolicyDescription } from '../policy.js'
import type { Timeline } from '../timeline.js'
import type { LimitPart, RatePart } from './limits.js'

export { ADMITTED, WAITING } from './limits.js'
export type { LimitPart, LimitSampler, RatePart, SlotSeeker, TurnSeeker } from './limits.js'

/** The fields of an attempt in which a breaker keeps what it needs to recognise the result. */
export interface Admission {
  generation: number
  lease: object | null
}

/** Every call is admitted unseen. */
export const GATE_FREE = 0
/** Ask `enter`. */
export const GATE_ASK = 1
/** Refusing; ask `refuse` first. */
export const GATE_SHUT = 2

/** What those get whom a breaker refuses; the same for all of a period. */
interface Refusal {
  readonly error: BreakwaterError
  /** For a fallback; frozen. */
  readonly cause: FallbackCause
  /** Rejects with the error; shared, so callers derive their own. */
  readonly promise: Promise<never>
}

/** A circuit breaker. */
export interface BreakerPart {
  /** {@link GATE_FREE}, {@link GATE_ASK} or {@link GATE_SHUT}. */
  readonly gate: number
  /** Grows at every change of state; results of an older one change nothing. */
  readonly generation: number
  /** What one more refused call gets, or `undefined` when this call has to ask `enter`. Counts the refusal. */
  refuse(now: number): Refusal | undefined
  /** Admits (and writes into `admission`) or refuses. `timeoutMs`: when the attempt ends by itself at the latest. */
  enter(admission: Admission, timeoutMs: number): BreakwaterError | undefined
  /** Tells the time to the windows; see {@link succeeded}. */
  advance(now: number): void
  /**
   * The good end of a call that a free gate admitted. It counts at the time last told, which the runner does at least
   * once in a turn of the loop. `durationMs` is absent when nobody measured it.
   */
  succeeded(value: unknown, generation: number, durationMs: number | undefined): void
  /** The bad end of such a call; answers what the outcome is for everyone outside. */
  failed(outcome: FailedOutcome, generation: number, now: number, durationMs: number | undefined): OutcomeKind
  /** The end of any admitted call; answers what the outcome is for everyone outside. */
  exit(
    admission: Admission,
    outcome: Outcome<unknown>,
    now: number,
    durationMs: number | undefined,
  ): OutcomeKind
  /** A result that came when nobody waited for it any more. */
  late(generation: number, kind: OutcomeKind): void
}

/** A limit on the time of an attempt or, outside of retries, of the whole call. */
export interface TimeoutPart {
  readonly timeoutMs: number
  line(timeline: Timeline): DeadlineLine
  error(): BreakwaterError
  expired(): void
}

/** Decides on further attempts. */
export interface RetryPart {
  /** What the attempts are charged to, where one was given. */
  readonly budget?: object | undefined
  /** A call began; told only where there is a budget. */
  called(now: number): void
  /** Whether an answer can be worth another attempt. */
  readonly judgesResults: boolean
  /** Whether this end of an attempt is one to retry at all; asked first, before the clock is read. */
  wants(outcome: Outcome<unknown>, attempt: number): boolean
  /** Milliseconds to wait before the next attempt, or `undefined`: no further attempt. */
  delayMs(failed: FailedAttempt, now: number): number | undefined
  /** How the attempts after the first ended up; `gaveUp`: the last was one to retry, and there was no further one. */
  ended(recovered: boolean, gaveUp: boolean): void
}

/** What a retry decides on. */
export interface FailedAttempt {
  readonly outcome: Outcome<unknown>
  readonly attempt: number
  /** The wait before this attempt; `undefined` for the first. */
  readonly previousDelayMs: number | undefined
  /** What is left of the whole call's time; `Infinity` without a limit. */
  readonly remainingMs: number
}

/** Decides on further attempts beside those that still run. */
export interface HedgePart {
  /** Further attempts of one call at most. */
  readonly maxHedges: number
  /** What they are charged to besides their own allowance. */
  readonly budget: object | undefined
  /** A call began; `isCounted`: the budget has counted it already. */
  called(now: number, isCounted: boolean): void
  /** How long the next attempt waits for those before it; `undefined`: there is none for being slow. */
  delayMs(now: number): number | undefined
  /** Whether this end of an attempt is one after which the next may begin at once. */
  wants(outcome: FailedOutcome, attempt: number): boolean
  /** Whether the next attempt begins now. */
  mayBegin(next: NextHedge, now: number): boolean
  /** An attempt ended after `durationMs`; one that was dropped because another answered has ended as `cancelled`. */
  ended(kind: OutcomeKind, durationMs: number, now: number): void
  /** A further attempt was the first to answer. */
  won(attempt: number, now: number): void
}

/** An attempt beside others. */
export interface NextHedge {
  /** 2 for the first of a call. */
  readonly attempt: number
  /** Whether the others are slow, or one has just failed. */
  readonly reason: 'slow' | 'failed'
}

/** Answers instead. */
export interface FallbackPart {
  /** Whether it is there for this end of a call. */
  applies(cause: FallbackCause): boolean
  /**
   * The answer, now or as a promise of ours (see `adopt`); throws or rejects with `FallbackFailedError`. `input`: see
   * `Runner.execute`.
   */
  answer(cause: FallbackCause, call: Call, input: unknown): unknown
}

/** Counts what the caller of a whole pipeline saw. */
export interface MeterPart {
  started(): void
  /** What a failed work means: as the error itself says, or the command's own ignore rule. */
  kindOf(error: unknown): FailedOutcome['kind']
  /** How the call ended before any fallback; `durationMs` of its last attempt, when it ran and the clock was read. */
  ended(outcome: Outcome<unknown>, policy: string | undefined, durationMs: number | undefined): void
  /** The same for a success. */
  succeeded(durationMs: number | undefined, now: number): void
  /** What the fallback stage did. */
  answered(how: FallbackOutcome): void
  /** The caller saw an error. */
  threw(): void
}

/** A guard of the user's own. */
export interface GuardPart {
  enter(call: Call): BreakwaterError | undefined
  exit(call: Call, outcome: Outcome<unknown>): void
}

/** How a run ended, and the kind of policy that ended it. */
export interface CallEnd {
  readonly outcome: Outcome<unknown>
  readonly policy?: string | undefined
}

/** Answers for what is inside of it: from memory, or from a run that several calls share. */
export interface CachePart {
  /**
   * How the call ends, now or as a promise that never rejects. `run` runs what is inside, under a call of the part's own:
   * no single caller's end is that of a shared run. `input`: see `Runner.execute`.
   */
  answer(run: (call: Call) => Promise<CallEnd>, call: Call, input: unknown): CallEnd | Promise<CallEnd>
}

/** Anything with `execute` that is not ours. */
export interface ForeignPart {
  execute<R>(
    work: (call: Call) => R | PromiseLike<R>,
    options?: { signal?: AbortSignal; budgetMs?: number },
  ): Promise<R>
}

/** What a policy brings, by slot. */
export type Stage = { readonly clock?: Clock | undefined; readonly describe: () => PolicyDescription } & (
  | { readonly slot: 'meter'; readonly part: MeterPart }
  | { readonly slot: 'fallback'; readonly part: FallbackPart }
  | { readonly slot: 'timeout'; readonly part: TimeoutPart }
  | { readonly slot: 'rate'; readonly part: RatePart }
  | { readonly slot: 'retry'; readonly part: RetryPart }
  | { readonly slot: 'hedge'; readonly part: HedgePart }
  | { readonly slot: 'guard'; readonly part: GuardPart }
  | { readonly slot: 'breaker'; readonly part: BreakerPart }
  | { readonly slot: 'limit'; readonly part: LimitPart }
  | { readonly slot: 'cache'; readonly part: CachePart }
  | { readonly slot: 'foreign'; readonly part: ForeignPart }
)

/** The name of a slot. */
export type SlotName = Stage['slot']
