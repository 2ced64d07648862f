/**
 * A pipeline that is called so often that most of its calls are not told the time, on a clock that a test moves.
 */
import { SimClock } from '@breakwater/testing'
import { timelineOf } from '../timeline.js'
import { staged } from './listeners.model.js'
import type { Filled } from './listeners.model.js'
import { buildRunner } from './pipeline.js'
import type { Runner } from './runner.js'

/** So many reads without a pause between them, and a pipeline counts as busy. */
const BUSY_CALLS = 40

/** A simulated clock of which as much is known as of the system's, so that its reads may be spared. */
export function sparingClock(): SimClock {
  const clock = new SimClock({ startMs: 1_000 })
  Object.assign(timelineOf(clock), { maySpareReads: true })
  return clock
}

/** A runner of these stages whose next calls of this turn are not told the time. */
export function busyRunner(clock: SimClock, ...filled: readonly Filled[]): Runner {
  const runner = buildRunner(staged(clock, filled), 'users')
  for (let call = 0; call < BUSY_CALLS; call++) runner.tick()
  return runner
}
