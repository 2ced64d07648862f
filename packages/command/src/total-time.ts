/**
 * The limit on the whole time of a command's call. Unlike a timeout around one attempt it ends the call for good.
 */
import { DeadlineExceededError } from '@breakwater/kernel'
import type { DeadlineLine, Stage, Timeline, TimeoutPart } from '@breakwater/kernel'

class TotalTime implements TimeoutPart {
  constructor(readonly timeoutMs: number) {}

  line(timeline: Timeline): DeadlineLine {
    return timeline.line(this.timeoutMs)
  }

  error(): DeadlineExceededError {
    return new DeadlineExceededError(
      `no answer within ${String(this.timeoutMs)} ms, the time of the whole call`,
    )
  }

  expired(): void {}
}

/** The stage that limits the whole call to `timeoutMs`. */
export function totalTimeStage(timeoutMs: number): Stage {
  const options = Object.freeze({ timeoutMs })
  return {
    slot: 'timeout',
    part: new TotalTime(timeoutMs),
    describe: () => ({ kind: 'total-time', options }),
  }
}
