/** Ends an exchange whose body stops coming: it waits anew from each chunk on. */
import { leave, timelineOf } from '@breakwater/kernel'
import type { Clock, DeadlineLine, Waiting } from '@breakwater/kernel'

/** What is watched. */
interface Watched {
  timeOut(what: string): void
}

export class IdleWatch implements Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  private readonly watched: Watched
  private readonly clock: Clock
  private readonly line: DeadlineLine

  constructor(watched: Watched, clock: Clock, idleMs: number) {
    this.watched = watched
    this.clock = clock
    this.line = timelineOf(clock).line(idleMs)
  }

  /** From now on; again and again. */
  begin(): void {
    leave(this)
    this.line.join(this, this.clock.now())
  }

  /** Nothing is due. */
  rest(): void {
    leave(this)
  }

  expire(): void {
    this.watched.timeOut(`no byte of the body for ${String(this.line.durationMs)} ms`)
  }
}
