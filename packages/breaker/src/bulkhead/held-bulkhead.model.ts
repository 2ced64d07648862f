/**
 * A bulkhead whose only slot is taken.
 */
import { SimClock } from '@breakwater/testing'
import { Bulkhead } from './bulkhead.js'
import type { BulkheadOptions } from './bulkhead-options.js'

export interface Held {
  readonly clock: SimClock
  readonly bulkhead: Bulkhead
  /** Frees the only slot. */
  readonly release: () => void
}

export function held(options: BulkheadOptions): Held {
  const clock = new SimClock()
  const bulkhead = new Bulkhead({ limit: 1, clock, ...options })
  let release: (() => void) | undefined
  void bulkhead.execute(
    () =>
      new Promise<void>((resolve) => {
        release = resolve
      }),
  )
  return { clock, bulkhead, release: () => release?.() }
}
