/**
 * What ties one call to others, as far as it is tied at all: the caller's signal and budget, the attempt of an outer
 * stretch, a running timer. Most calls have none of this, so it lies in an object of its own.
 */
import type { Cancel } from '../clock.js'
import { reportInternalError } from '../internal-errors.js'
import type { AnswerCall } from './answer-call.js'
import type { Around, WorkLeft } from './inside.js'

export class Ties {
  /** Whose work this call is: an attempt of an outer stretch, one of several of a hedge, a call that others share. */
  parent: Around | null = null
  /** Whether that is a call that somebody else made. */
  isGiven = false
  /** The caller's limit for the whole call; then it counts for the fallback too. */
  budgetMs: number | undefined = undefined
  cancelTimer: Cancel | undefined = undefined
  /** What the fallback that is running sees. */
  answering: AnswerCall | null = null
  previousDelayMs: number | undefined = undefined
  /** Its time was over before its work could begin, in each of its attempts so far. */
  neverBegan = false
  /** The same of those before the one that is under way. */
  onlyWaited = false
  /** Of a call that had to wait for its turn: whether it does so still. */
  turn: 'awaited' | 'come' | undefined = undefined
  /** The highest attempt after the first, as the work counts them. */
  lastAttempt = 1
  /** Attempts made beside others. */
  hedges = 0
  /** Attempts that nobody waits for any more, and whose work still runs. */
  abandoned = 0
  private signal: AbortSignal | undefined = undefined
  private onAbort: (() => void) | undefined = undefined

  /** May throw: a signal can be anything that looks like one. */
  listen(signal: AbortSignal, onAbort: () => void): void {
    signal.addEventListener('abort', onAbort)
    this.signal = signal
    this.onAbort = onAbort
  }

  get workLeft(): WorkLeft {
    // What was abandoned then only waits, and is about to be told that it need not.
    if (this.neverBegan) return 'never began'
    return this.abandoned > 0 ? 'runs on' : 'none'
  }

  get isAborted(): boolean {
    try {
      return this.signal?.aborted === true
    } catch (error) {
      reportInternalError(error, 'signal.aborted')
      return false
    }
  }

  // What asks for it hands slots on: an error of a signal that is not the platform's must not reach it.
  get abortReason(): unknown {
    try {
      return this.signal?.reason
    } catch (error) {
      return error
    }
  }

  /** The call is over: nothing of it stays behind with others. */
  loosen(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    if (this.parent !== null) this.parent.child = null
    if (this.onAbort === undefined) return
    try {
      this.signal?.removeEventListener('abort', this.onAbort)
    } catch (error) {
      reportInternalError(error, 'signal.removeEventListener')
    }
  }
}
