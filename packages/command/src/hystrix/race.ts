/**
 * The race of an execution: what it waits for against its time and its caller. One of them wins; what the others bring
 * comes late.
 */
import { leave } from '@breakwater/kernel'
import type { Waiting } from '@breakwater/kernel'

/** How a wait ended. */
export type Ended<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'timeout' | 'cancelled' }

/** Whose race it is. */
export interface RaceOwner {
  /** The time is over. */
  ranOut(): void
  /** Something came when nobody waited for it any more. */
  cameLate(failure: { readonly error: unknown } | undefined): void
}

/** Its place in a deadline line, and the one thing that it waits for at a time. */
export class Race implements Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  private wake: ((ended: Ended<never>) => void) | undefined = undefined

  constructor(private readonly owner: RaceOwner) {}

  /** Waits for `promise` as long as there is time and somebody who wants it. */
  waitFor<T>(promise: PromiseLike<T>): Promise<Ended<T>> {
    return new Promise((resolve) => {
      this.wake = resolve
      promise.then(
        (value) => {
          if (this.won(resolve)) resolve({ kind: 'value', value })
          else this.owner.cameLate(undefined)
        },
        (error: unknown) => {
          if (this.won(resolve)) resolve({ kind: 'error', error })
          else this.owner.cameLate({ error })
        },
      )
    })
  }

  expire(): void {
    this.owner.ranOut()
    this.stop('timeout')
  }

  /** Ends the wait, if there is one. */
  stop(kind: 'timeout' | 'cancelled'): void {
    const { wake } = this
    this.wake = undefined
    wake?.({ kind })
  }

  /** Time can no longer win. */
  stopClock(): void {
    leave(this)
  }

  private won(wake: unknown): boolean {
    if (this.wake !== wake) return false
    this.wake = undefined
    return true
  }
}
