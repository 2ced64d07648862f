/**
 * What the limits bring to a pipeline: the parts that can let a call wait.
 */
import type { Call } from '../call.js'
import type { BreakwaterError } from '../errors.js'
import type { Outcome } from '../outcome.js'

/** How {@link LimitPart.enter} and {@link RatePart.enter} may answer besides with an error. */
export const ADMITTED = 0
export const WAITING = 1

/** Someone who can wait for a slot. */
export interface SlotSeeker extends Call {
  /** A slot is theirs from now on; called in the turn that freed it. */
  granted(): void
}

/** A limit on how many run at once. */
export interface LimitPart {
  /** Whether a slot is free at once; takes it. */
  tryTake(): boolean
  /** Takes a slot, a place in the queue, or neither. */
  enter(seeker: SlotSeeker, now: number): typeof ADMITTED | typeof WAITING | BreakwaterError
  /** How long one may wait; `Infinity` without a limit. */
  readonly maxWaitMs: number
  /** The waiting seeker's time is over: leaves the queue; the error says so. */
  waitedTooLong(seeker: SlotSeeker): BreakwaterError
  /** The waiting seeker gives up. */
  leave(seeker: SlotSeeker): void
  /** Frees a slot, or hands it to the next who waits. `holder`: whose it was, where the limit tells holders apart. */
  release(holder?: object): void
  /** Whether `release` needs to know whose slot it was. */
  readonly tellsHoldersApart: boolean
  /** What the limit learns from; null for a limit that is what it is. */
  readonly sampler: LimitSampler | null
  /** Whether a call that ended early (its work still running) frees its slot at once. */
  readonly releaseOnTimeout: boolean
}

/**
 * Hears how each attempt ended, after its slot was freed or its work left to run on. `durationMs` is absent when nobody
 * measured it; one that was refused, or never ran, has ended as `rejected` or `cancelled`.
 */
export interface LimitSampler {
  succeeded(value: unknown, durationMs: number, now: number): void
  ended(outcome: Outcome<unknown>, durationMs: number | undefined, now: number): void
}

/** A call that can wait for its turn, before its first attempt. */
export interface TurnSeeker {
  /** How long it can wait, in milliseconds; `Infinity` without a limit. */
  readonly leftMs: number
  /** Its turn has come: a token is its own from now on. */
  granted(): void
  /** Its turn would come too late. */
  refused(error: BreakwaterError): void
}

/** A limit on how many calls begin in a time. */
export interface RatePart {
  /** Whether the call may begin at once; takes its token. `now` may be from earlier in this turn of the loop. */
  tryTake(now: number): boolean
  /** Takes a token, a place in the queue, or neither. */
  enter(seeker: TurnSeeker, now: number): typeof ADMITTED | typeof WAITING | BreakwaterError
  /** The waiting seeker gives up. */
  leave(seeker: TurnSeeker): void
}
