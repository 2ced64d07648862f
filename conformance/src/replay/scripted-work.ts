// A run or a fallback as the script has it: waits on the simulated clock, then returns or throws.

import type { Clock } from '@breakwater/kernel'
import type { Work } from '../scenario/scenario.ts'
import { interrupted, scriptedError } from './errors.ts'

/** Whether an abort of the signal interrupts the sleeping thread that the work stands for. */
export type IsInterrupt = (reason: unknown) => boolean

/** A run: it can be interrupted while it sleeps, unless the script says that it ignores that. */
export function runWork(
  work: Work,
  clock: Clock,
  signal: AbortSignal,
  isInterrupt: IsInterrupt,
): string | Promise<string> {
  if (work.afterMs === 0) return finish(work)
  return new Promise((resolve, reject) => {
    const wake = clock.schedule(clock.now() + work.afterMs, () => {
      signal.removeEventListener('abort', interrupt)
      settle(work, resolve, reject)
    })
    function interrupt(): void {
      if (work.ignoreInterrupt || !isInterrupt(signal.reason)) return
      wake()
      reject(interrupted())
    }
    signal.addEventListener('abort', interrupt, { once: true })
  })
}

/** A fallback: nothing interrupts it. */
export function fallbackWork(work: Work, clock: Clock): string | Promise<string> {
  if (work.afterMs === 0) return finish(work)
  return new Promise((resolve, reject) => {
    clock.schedule(clock.now() + work.afterMs, () => settle(work, resolve, reject))
  })
}

function settle(work: Work, resolve: (value: string) => void, reject: (error: unknown) => void): void {
  try {
    resolve(finish(work))
  } catch (error) {
    reject(error)
  }
}

function finish(work: Work): string {
  if (work.throws !== undefined) throw scriptedError(work.throws)
  return work.returns
}
