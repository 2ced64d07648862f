/**
 * The slot of an execution, a permit of its semaphore or a thread of its pool, and when it is free again.
 */
import type { LimitPart } from '@breakwater/kernel'
import type { IsolationStrategy } from './core/property-table.js'
import type { Line } from './core/line.js'
import { Deferred } from './deferred.js'

/**
 * A thread is free when what runs on it has ended: the work, and the fallback after a failure of the work. After a
 * timeout the fallback runs elsewhere. A permit is free when the execution has ended, and in our own line the work too.
 */
export class HeldSlot {
  /** The work runs, maybe although nobody waits for it any more. */
  isWorking = false
  /** The fallback runs on the thread that the work had. */
  isFallingBack = false
  /** The execution has ended. */
  isOver = false
  /** Its time was over before the work ended. */
  isTimedOut = false
  private limit: LimitPart | undefined = undefined
  private hasWorked = false
  private worked: Deferred<void> | undefined = undefined

  constructor(
    private readonly strategy: IsolationStrategy,
    private readonly line: Line,
  ) {}

  /** A slot of `limit` was taken. */
  take(limit: LimitPart): void {
    this.limit = limit
  }

  /** Frees the slot, if nothing holds it any more. */
  review(): void {
    if (this.limit === undefined || !this.isFree) return
    const { limit } = this
    this.limit = undefined
    limit.release()
  }

  /** The work has ended for good. */
  workEnded(): void {
    this.isWorking = false
    this.hasWorked = true
    this.worked?.resolve()
    this.review()
  }

  /** When a caller may have the answer: at once (undefined), or when he is no longer blocked by the work. */
  get unblocked(): Promise<void> | undefined {
    const isBlocked = this.strategy === 'SEMAPHORE' && this.line.blocksCallers && this.isWorking
    if (!isBlocked || this.hasWorked) return undefined
    return (this.worked ??= new Deferred<void>()).promise
  }

  private get isFree(): boolean {
    if (this.strategy === 'SEMAPHORE' && this.line.blocksCallers) return this.isOver
    if (this.isWorking || this.isFallingBack) return false
    return this.isOver || (this.strategy === 'THREAD' && this.isTimedOut)
  }
}
