/**
 * A signal that counts who listens.
 */
import { setMaxListeners } from 'node:events'

export class CountingSignal extends EventTarget {
  aborted = false
  reason: unknown = undefined
  listeners = 0

  constructor() {
    super()
    // As a real signal: any number may listen.
    setMaxListeners(0, this)
  }

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners++
    super.addEventListener(...args)
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners--
    super.removeEventListener(...args)
  }

  abort(reason: unknown): void {
    this.aborted = true
    this.reason = reason
    this.dispatchEvent(new Event('abort'))
  }

  get asSignal(): AbortSignal {
    return this as unknown as AbortSignal
  }
}
