/**
 * The stamp by which servers order the states of an instance. A registration with a lower stamp than the known one is answered with
 * success and thrown away (Netflix/eureka#955), so the stamp never goes back, whatever the wall clock does.
 */
import type { EpochMs } from '@breakwater/kernel'

/** A stamp after `last`: the wall clock's time if that is later, else one more. */
export function nextDirtyStamp(last: EpochMs | undefined, wallClock: EpochMs): EpochMs {
  const now = Math.floor(wallClock)
  return last === undefined ? now : Math.max(now, last + 1)
}
