/**
 * A piece of work that comes back: polls, heartbeats, replication. The next run is set when one ends, so runs never
 * overlap, and a loop that stood still is followed by one run, not by all that were missed. They belong to no request, whoever
 * has begun them.
 */
import { outsideOfCalls, reportInternalError } from '@breakwater/kernel'
import type { Cancel, Clock } from '@breakwater/kernel'

/** Does the work; answers how long to wait until the next run, in milliseconds. Should not reject. */
export type Run = () => Promise<number>

/** What a run that rejects (which is a defect) is followed by. */
const AFTER_A_DEFECT_MS = 30_000

export class PeriodicTask {
  private readonly clock: Clock
  private readonly name: string
  private readonly work: Run
  private cancel: Cancel | undefined
  private current: Promise<void> | undefined
  private isWantedAgain = false
  private isStopped = true

  constructor(name: string, clock: Clock, work: Run) {
    this.name = name
    this.clock = clock
    this.work = work
  }

  /** Sets the first run, `delayMs` from now. */
  start(delayMs: number): void {
    this.isStopped = false
    this.wait(delayMs)
  }

  /** Runs now instead of at the set time; when a run is under way, once more right after it. Ends with that run. */
  async runNow(): Promise<void> {
    if (this.isStopped) return
    if (this.current === undefined) {
      this.cancel?.()
      await this.begin()
      return
    }
    this.isWantedAgain = true
    await this.current
    await this.current
  }

  /** No further run. Resolves when the one under way has ended. */
  async stop(): Promise<void> {
    this.isStopped = true
    this.isWantedAgain = false
    this.cancel?.()
    this.cancel = undefined
    await this.current
  }

  private wait(delayMs: number): void {
    this.cancel?.()
    const begin = (): void => {
      void this.begin()
    }
    this.cancel = outsideOfCalls(() =>
      this.clock.schedule(this.clock.now() + delayMs, begin, { background: true }),
    )
  }

  private begin(): Promise<void> {
    this.cancel = undefined
    const run = outsideOfCalls(() => this.once()).then((delayMs) => {
      this.current = undefined
      if (this.isStopped) return
      if (this.isWantedAgain) {
        this.isWantedAgain = false
        void this.begin()
      } else {
        this.wait(delayMs)
      }
    })
    this.current = run
    return run
  }

  private async once(): Promise<number> {
    try {
      return await this.work()
    } catch (error) {
      reportInternalError(error, this.name)
      return AFTER_A_DEFECT_MS
    }
  }
}
