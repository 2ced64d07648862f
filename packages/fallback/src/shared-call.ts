/**
 * One run for several callers. It goes on as long as anybody waits for it, and has the time of the most patient of them.
 */
import type { Call, MonotonicMs } from '@breakwater/kernel'

interface Waiter {
  readonly call: Call
  readonly leave: () => void
}

/** The call that shared work sees. */
export class SharedCall implements Call {
  readonly name: string | undefined
  readonly attempt: number
  private readonly waiting = new Set<Waiter>()
  private controller: AbortController | null = null
  private reason: unknown = undefined
  /** That of the most patient who waited until the end. */
  private lastDeadline: MonotonicMs | undefined = undefined
  /** Whether everybody has left. */
  isAbandoned = false

  /** `now` tells the time of its deadline; `abandoned` hears that the last one has left. */
  constructor(
    first: Call,
    private readonly now: () => MonotonicMs,
    private readonly abandoned: () => void,
  ) {
    this.name = first.name
    this.attempt = first.attempt
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController()
      if (this.isAbandoned) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  get deadline(): MonotonicMs | undefined {
    if (this.waiting.size === 0) return this.lastDeadline
    let latest = -Infinity
    for (const { call } of this.waiting) latest = Math.max(latest, call.deadline ?? Infinity)
    return Number.isFinite(latest) ? latest : undefined
  }

  remainingMs(): number {
    const { deadline } = this
    return deadline === undefined ? Infinity : Math.max(0, deadline - this.now())
  }

  /** One more waits for it, until his own call is over; `left` hears of that. */
  admit(call: Call, left?: () => void): void {
    const { signal } = call
    const waiter: Waiter = {
      call,
      leave: () => {
        if (this.waiting.size === 1) this.lastDeadline = this.deadline
        this.waiting.delete(waiter)
        left?.()
        if (this.waiting.size === 0) this.abandon(signal.reason)
      },
    }
    this.waiting.add(waiter)
    if (signal.aborted) waiter.leave()
    else signal.addEventListener('abort', waiter.leave, { once: true })
  }

  /** It has ended: nobody can leave it any more. */
  end(): void {
    for (const { call, leave } of this.waiting) call.signal.removeEventListener('abort', leave)
    this.lastDeadline = this.deadline
    this.waiting.clear()
  }

  private abandon(reason: unknown): void {
    this.isAbandoned = true
    this.reason = reason
    this.abandoned()
    this.controller?.abort(reason)
  }
}
