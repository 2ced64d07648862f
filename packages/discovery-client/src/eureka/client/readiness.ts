/** A promise that is kept once, from outside, and that nobody has to hear. */
import { outsideOfCalls } from '@breakwater/kernel'
import type { Cancel, Clock } from '@breakwater/kernel'

/** For so long at most somebody who waits keeps the process alive. */
const HOLD_MS = 2 ** 31 - 1

export class Readiness {
  readonly promise: Promise<void>
  private settle!: { readonly resolve: () => void; readonly reject: (error: Error) => void }
  private isSettled = false
  private release: Cancel | undefined = undefined

  constructor() {
    // Node 22 keeps the async context of a promise as long as the promise.
    this.promise = outsideOfCalls(
      () => new Promise<void>((resolve, reject) => (this.settle = { resolve, reject })),
    )
    this.promise.catch(() => undefined)
  }

  /** Somebody waits for it: the process must not end under him, though nothing else that goes on here keeps it alive. */
  hold(clock: Clock): void {
    if (this.isSettled) return
    this.release ??= outsideOfCalls(() => clock.schedule(clock.now() + HOLD_MS, () => {}))
  }

  keep(): void {
    this.end()
    this.settle.resolve()
  }

  breakWith(error: Error): void {
    this.end()
    this.settle.reject(error)
  }

  private end(): void {
    this.isSettled = true
    this.release?.()
  }
}
