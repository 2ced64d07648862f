/**
 * What a fallback sees of the call that it answers: the failed attempt's time does not count for it, and its signal is
 * not that of the attempt, which has aborted already when its time was over.
 */
import type { Call } from '../call.js'
import type { MonotonicMs } from '../clock.js'

/** Where the fallback's time comes from. */
export interface AnswerTime {
  readonly runner: { readonly name: string | undefined; readonly clock: { now(): MonotonicMs } }
  /** When the caller, or an outer stretch, waits no longer; `Infinity` without a limit. */
  answerEndsAt(): number
}

export class AnswerCall implements Call {
  private controller: AbortController | null = null
  private isOver = false
  private reason: unknown = undefined

  constructor(
    private readonly time: AnswerTime,
    readonly attempt: number,
  ) {}

  get name(): string | undefined {
    return this.time.runner.name
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController()
      if (this.isOver) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  get deadline(): MonotonicMs | undefined {
    const endsAt = this.time.answerEndsAt()
    return endsAt === Infinity ? undefined : endsAt
  }

  remainingMs(): number {
    const { deadline } = this
    return deadline === undefined ? Infinity : Math.max(0, deadline - this.time.runner.clock.now())
  }

  /** Nobody waits for the answer any more. */
  abort(reason: unknown): void {
    this.isOver = true
    this.reason = reason
    this.controller?.abort(reason)
  }
}
