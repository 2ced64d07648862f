/**
 * Runs long computations of the core without holding the event loop: some steps, a turn of the loop, some more.
 */
import type { Clock } from '@breakwater/kernel'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { runSome } from '../core/steps.js'
import type { Steps } from '../core/steps.js'

/** How long the loop is held at a time; with the garbage collector's share this stays below 20 ms. */
const HOLD_MS = 5

/** The result of `steps`; rejects with `reason` of the signal when it aborts between two turns, or with what a step throws. */
export async function breathe<T>(steps: Steps<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted()
    const startedAt = clock.now()
    const progress = runSome(steps, () => clock.now() - startedAt >= HOLD_MS)
    if (progress.done) return progress.value
    await nextTurn()
  }
}
