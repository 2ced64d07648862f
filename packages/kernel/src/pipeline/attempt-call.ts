/**
 * The face of an attempt: the `Call` that the work sees, and the phases behind it.
 */
import type { Call } from '../call.js'
import type { MonotonicMs } from '../clock.js'
import { DeadlineNode } from '../deadline.js'
import type { Invocation } from './invocation.js'

export const NEW = 0
export const QUEUED = 1
export const RUNNING = 2
export const ENDED = 3
/** Ended for the caller while the work may still run, and hold its slot. */
export const ABANDONED = 4
/** The same, with the slot given back already. */
export const ABANDONED_FREE = 5
/** Abandoned, and its work has ended since. */
export const GONE = 6

export abstract class AttemptCall extends DeadlineNode implements Call {
  /** A run that this one waits for: the next stretch of the pipeline. */
  child: Invocation | null = null
  /** When it was admitted; absent when the clock was not read. */
  startedAt: number | undefined
  protected phase: number = NEW
  protected controller: AbortController | null = null
  protected reason: unknown = undefined

  constructor(
    protected readonly invocation: Invocation,
    /** Of this stretch; 1 = its first. */
    readonly number: number,
    now: number | undefined,
  ) {
    super()
    this.startedAt = now
  }

  /** Whether no work was started for it so far. */
  get neverRan(): boolean {
    return this.phase < RUNNING || this.child?.neverRan === true
  }

  get attempt(): number {
    return this.invocation.attemptsBefore + this.number
  }

  /** The work was tried again in an inner stretch. */
  triedInside(attempt: number): void {
    this.invocation.triedAgain(attempt)
  }

  get name(): string | undefined {
    return this.invocation.runner.name
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController()
      if (this.phase >= ABANDONED) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  get deadline(): MonotonicMs | undefined {
    const endsAt = Math.min(this.attemptEndsAt(), this.invocation.endsAt())
    return endsAt === Infinity ? undefined : endsAt
  }

  remainingMs(): number {
    const { deadline } = this
    return deadline === undefined ? Infinity : Math.max(0, deadline - this.invocation.runner.clock.now())
  }

  private attemptEndsAt(): number {
    const { timeoutMs, clock } = this.invocation.runner
    if (timeoutMs === Infinity) return Infinity
    // One whose start nobody read stands in a line that was told the time since.
    return this.startedAt === undefined ? (this.at ?? clock.now() + timeoutMs) : this.startedAt + timeoutMs
  }
}
