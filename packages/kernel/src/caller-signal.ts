/**
 * A caller's signal without the price of an `AbortSignal`: for packages that make a call for somebody who has another way to
 * end it. It is given where a signal is expected.
 */

/** Looks to the runner like a signal. */
export abstract class CallerSignal {
  aborted = false
  reason: unknown = undefined
  private listeners: (() => void)[] | null = null

  /** As that of `AbortSignal`, for the only event that there is. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.listeners === null) this.listeners = [listener]
    else this.listeners.push(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const { listeners } = this
    if (listeners === null) return
    const at = listeners.indexOf(listener)
    if (at !== -1) listeners.splice(at, 1)
  }

  /** Ends the calls that it was given to; only the first time counts. */
  protected fire(reason: unknown): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    const listeners = this.listeners ?? []
    this.listeners = null
    for (const listener of listeners) listener()
  }
}
