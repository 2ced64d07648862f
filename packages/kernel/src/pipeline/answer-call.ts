/**
 * What a fallback sees of the call that it answers: the failed attempt's time does not count for it, and its signal is
 * not that of the attempt, which has aborted already when its time was over.
 */
import type { Call } from '../call.js'
import type { MonotonicMs } from '../clock.js'
import type { FallbackCause } from '../outcome.js'
import type { Invocation } from './invocation.js'

export class AnswerCall implements Call {
  private controller: AbortController | null = null
  private isOver = false
  private reason: unknown = undefined

  constructor(
    readonly invocation: Invocation,
    readonly cause: FallbackCause,
  ) {}

  get name(): string | undefined {
    return this.invocation.runner.name
  }

  get attempt(): number {
    return this.cause.attempt
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController()
      if (this.isOver) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  get deadline(): MonotonicMs | undefined {
    const endsAt = this.invocation.answerEndsAt()
    return endsAt === Infinity ? undefined : endsAt
  }

  remainingMs(): number {
    const { deadline } = this
    return deadline === undefined ? Infinity : Math.max(0, deadline - this.invocation.runner.clock.now())
  }

  /** Nobody waits for the answer any more. */
  abort(reason: unknown): void {
    this.isOver = true
    this.reason = reason
    this.controller?.abort(reason)
  }
}
