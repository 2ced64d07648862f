/**
 * The call that the work of an execution sees, and as which it waits for a thread.
 */
import type { Clock, MonotonicMs, SlotSeeker } from '@breakwater/kernel'

/** One run; its signal is made when it is first read. */
export class RunCall implements SlotSeeker {
  readonly attempt = 1
  deadline: MonotonicMs | undefined = undefined
  /** A slot is ours, whether anybody heard of it or not. */
  isGranted = false
  /** Hears of it. */
  onGranted: (() => void) | undefined = undefined
  private controller: AbortController | undefined = undefined
  private aborted: { readonly reason: unknown } | undefined = undefined

  constructor(
    readonly name: string,
    private readonly clock: Clock,
  ) {}

  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController()
      if (this.aborted !== undefined) this.controller.abort(this.aborted.reason)
    }
    return this.controller.signal
  }

  remainingMs(): number {
    return this.deadline === undefined ? Infinity : Math.max(0, this.deadline - this.clock.now())
  }

  granted(): void {
    this.isGranted = true
    this.onGranted?.()
  }

  /** Asks the work to stop. */
  abort(reason: unknown): void {
    this.aborted ??= { reason }
    this.controller?.abort(reason)
  }
}
