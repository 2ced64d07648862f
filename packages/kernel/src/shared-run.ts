/**
 * Who waits for whom among the runs that are shared by key. A run that waits for itself, over however many others, would
 * never end; whoever would close such a circle is refused instead. A run knows what its work asks for by the async
 * context of that work, so nothing is asked of those who share no run.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { CircularWaitError } from './errors.js'

const NOTHING = (): void => {}

let contexts: AsyncLocalStorage<SharedRun> | undefined

/** One run that others may wait for. */
export class SharedRun {
  private isOver = false
  /** The runs that this one has begun or joined, as far as they are not over, and how many in it wait for each. */
  private readonly awaited = new Map<SharedRun, number>()
  /** The runs that have begun or joined this one. */
  private readonly askedBy = new Set<SharedRun>()

  /** Runs its work, so that what the work asks for is known as its doing. */
  work<R>(work: () => R): R {
    contexts ??= new AsyncLocalStorage()
    return contexts.run(this, work)
  }

  /** Whoever runs here is about to begin it, and waits for it until he calls what is returned. */
  begin(): () => void {
    return this.isAskedBy(contexts?.getStore())
  }

  /**
   * Whoever runs here is about to wait for it, until he calls what is returned.
   *
   * @throws CircularWaitError when it would never end. `what` says what it is that runs.
   */
  join(what: string): () => void {
    if (this.isOver) return NOTHING
    const asking = contexts?.getStore()
    if (asking !== undefined && this.waitsFor(asking, new Set()))
      throw new CircularWaitError(
        `${what}: the work asks for the answer that it is to give, and would wait for ever`,
      )
    return this.isAskedBy(asking)
  }

  /** Nobody waits for it any more. */
  end(): void {
    this.isOver = true
    for (const asking of this.askedBy) asking.awaited.delete(this)
    for (const run of this.awaited.keys()) run.askedBy.delete(this)
    this.askedBy.clear()
    this.awaited.clear()
  }

  private isAskedBy(asking: SharedRun | undefined): () => void {
    if (asking === undefined) return NOTHING
    asking.awaited.set(this, (asking.awaited.get(this) ?? 0) + 1)
    this.askedBy.add(asking)
    return () => this.isLeftBy(asking)
  }

  private isLeftBy(asking: SharedRun): void {
    const waiting = asking.awaited.get(this) ?? 0
    if (waiting > 1) {
      asking.awaited.set(this, waiting - 1)
      return
    }
    asking.awaited.delete(this)
    this.askedBy.delete(asking)
  }

  private waitsFor(other: SharedRun, seen: Set<SharedRun>): boolean {
    if (this === other) return true
    if (seen.has(this)) return false
    seen.add(this)
    for (const run of this.awaited.keys()) if (run.waitsFor(other, seen)) return true
    return false
  }
}
