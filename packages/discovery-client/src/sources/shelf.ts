/** The snapshots of a source by service, and who wants to hear of them. */
import { reportInternalError, runFenced } from '@breakwater/kernel'
import type { MonotonicMs } from '@breakwater/kernel'
import type { Instance, Snapshot } from '../instance.js'
import { isSameList } from './core/same-list.js'

type Listener = (snapshot: Snapshot) => void

/** Of so many services a list is remembered that is empty, or not kept up to date any more, and that nobody watches. */
const MAX_IDLE = 1_000

export class Shelf {
  private readonly owner: string
  private readonly snapshots = new Map<string, Snapshot>()
  private readonly listeners = new Map<string, Set<Listener>>()
  /** Services come and go under ever new names: these may be forgotten, the first of them first. */
  private readonly idle = new Set<string>()

  /** `owner` names the source in reports about listeners that throw. */
  constructor(owner: string) {
    this.owner = owner
  }

  get(service: string): Snapshot | undefined {
    return this.snapshots.get(service)
  }

  /** All services with a snapshot. */
  services(): readonly string[] {
    return [...this.snapshots.keys()]
  }

  isWatched(service: string): boolean {
    return this.listeners.has(service)
  }

  /**
   * Replaces the snapshot of a service as a whole. When the list says the same as before, it keeps its version and only its age
   * is renewed; nobody is told.
   */
  put(service: string, instances: readonly Instance[], updatedAt: MonotonicMs): void {
    const before = this.snapshots.get(service)
    const isSame = before !== undefined && isSameList(before.instances, instances)
    const version = isSame ? before.version : (before?.version ?? 0) + 1
    const list = isSame ? before.instances : Object.freeze([...instances])
    const snapshot: Snapshot = Object.freeze({ service, instances: list, version, updatedAt })
    this.snapshots.set(service, snapshot)
    if (instances.length > 0 || this.isWatched(service)) this.idle.delete(service)
    else this.letGo(service)
    if (isSame) return
    for (const listener of [...(this.listeners.get(service) ?? [])]) {
      // One of them may have put another list already, which all have heard of; of the same one, nobody was told.
      if (this.snapshots.get(service)?.instances !== list) return
      // Or have ended the watch of another.
      if (this.listeners.get(service)?.has(listener) === true) this.tell(listener, snapshot)
    }
  }

  /** A service is in no list any more. Nothing for one that is forgotten already. */
  putNobody(service: string, updatedAt: MonotonicMs): void {
    if (this.snapshots.has(service)) this.put(service, [], updatedAt)
  }

  /** Nobody watches it, and its list is not kept up to date any more. It can still be read, until there are too many. */
  letGo(service: string): void {
    this.idle.add(service)
    const [oldest] = this.idle
    if (oldest === undefined || this.idle.size <= MAX_IDLE) return
    this.idle.delete(oldest)
    if (!this.isWatched(oldest)) this.snapshots.delete(oldest)
  }

  /** Adds a listener and tells it what is known; the returned function takes it away. */
  watch(service: string, listener: Listener): () => void {
    // One of its own for each watch: the same function may watch twice.
    const own: Listener = (snapshot) => listener(snapshot)
    const others = this.listeners.get(service) ?? new Set<Listener>()
    this.listeners.set(service, others.add(own))
    const known = this.snapshots.get(service)
    if (known !== undefined) this.tell(own, known)
    return () => {
      others.delete(own)
      if (others.size === 0 && this.listeners.get(service) === others) this.listeners.delete(service)
    }
  }

  /** Nobody hears anything any more; what is known can still be read. */
  clearListeners(): void {
    this.listeners.clear()
  }

  private tell(listener: Listener, snapshot: Snapshot): void {
    runFenced(
      () => listener(snapshot),
      (error) => {
        reportInternalError(error, `${this.owner}.watch`)
      },
    )
  }
}
