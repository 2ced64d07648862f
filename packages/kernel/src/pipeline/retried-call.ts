/**
 * The waits of one call: for its turn before the first attempt, and before further attempts, if there are any. The part of
 * {@link Invocation} that has to do with rate limits and retries.
 */
import type { Outcome } from '../outcome.js'
import type { Attempt } from './attempt.js'
import { runIn } from './caller-context.js'
import type { RatePart, RetryPart, TurnSeeker } from './stage.js'
import { TimedCall } from './timed-call.js'

export abstract class RetriedCall extends TimedCall {
  /** Whether the end of the work is still to come. */
  abstract get isPending(): boolean
  protected abstract begin(attempt: number, now: number | undefined): void
  abstract overTime(): void
  protected abstract abortedByCaller(): void

  /** Waits for another attempt, if the retry allows it; whether the call goes on, or has ended since. */
  triesAgain(retry: RetryPart, attempt: Attempt, outcome: Outcome<unknown>): boolean {
    if (!this.isPending) return true
    const now = this.runner.clock.now()
    const previousDelayMs = this.ties?.previousDelayMs
    const remainingMs = this.endsAt() - now
    const delayMs = retry.delayMs({ outcome, attempt: attempt.number, previousDelayMs, remainingMs }, now)
    // What it asked and told was foreign code, which may have aborted the call.
    if (delayMs !== undefined && this.isPending) this.sleep(delayMs, attempt.number + 1, now)
    return delayMs !== undefined || !this.isPending
  }

  /** Waits for its turn, without an attempt; what ends the call ends the wait. */
  waitForTurn(rate: RatePart, seeker: TurnSeeker): void {
    this.keepContext()
    this.current = null
    const ties = this.tied()
    ties.turn = 'awaited'
    const leave = (): void => rate.leave(seeker)
    ties.cancelTimer = leave
  }

  /** The wait for its turn is over. */
  turnIsOver(): void {
    this.tied().cancelTimer = undefined
  }

  /** Whether it has waited for its turn, which has come. */
  get hadTurn(): boolean {
    return this.ties?.turn === 'come'
  }

  /** Its turn has come: begins, if there is still time. */
  takeTurn(): void {
    this.turnIsOver()
    this.resume(1)
  }

  // The time is over: during a further attempt or a wait for one, that is the end of the retries.
  protected retriesFailed(): void {
    if (this.ties?.previousDelayMs !== undefined) this.runner.retry?.ended(false, false)
  }

  private sleep(delayMs: number, nextAttempt: number, now: number): void {
    this.keepContext()
    this.current = null
    const ties = this.tied()
    ties.previousDelayMs = delayMs
    const wake = (): void => {
      if (!this.isPending) return
      ties.cancelTimer = undefined
      this.resume(nextAttempt)
    }
    if (delayMs === 0) queueMicrotask(wake)
    else ties.cancelTimer = this.runner.clock.schedule(now + delayMs, wake)
  }

  /** Whether its time is over at `now`, or its caller gone: then nothing starts, and it ends by itself or with the outer attempt. */
  endsUnstarted(now: number): boolean {
    this.heedAbort()
    if (this.ownEndAt <= now) runIn(this.context, this.overTime, this)
    return !this.isPending || this.isOver || (this.outerEndsIt && this.outerEndAt <= now)
  }

  /** Ends what an abort ends that is still being told: calls that share a signal hear it one after the other. */
  heedAbort(): void {
    const { ties } = this
    if (ties === null) return
    ties.parent?.whole?.heedAbort()
    if (ties.isAborted) this.abortedByCaller()
  }

  private resume(attempt: number): void {
    const woken = this.runner.clock.now()
    if (this.endsUnstarted(woken)) return
    if (attempt === 1) this.tied().turn = 'come'
    runIn(this.context, this.begin, this, attempt, woken)
  }
}
