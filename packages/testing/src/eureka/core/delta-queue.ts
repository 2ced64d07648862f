/** The changes of the last minutes. What a client gets is each changed instance once, in its latest state. */
import type { Lease } from './lease.js'

export class DeltaQueue {
  private entries: { readonly lease: Lease; readonly at: number }[] = []

  add(lease: Lease, at: number): void {
    this.entries.push({ lease, at })
  }

  /** Forgets what is older than the retention time. The queue is in order of time, so it is cut from its head. */
  purge(now: number, retentionMs: number): void {
    const first = this.entries.findIndex(({ at }) => at >= now - retentionMs)
    this.entries = first === -1 ? [] : this.entries.slice(first)
  }

  /** The newest lease of each changed instance, in the order of its last change. */
  latest(): Lease[] {
    const newest = new Map<string, Lease>()
    for (const { lease } of this.entries) {
      const key = JSON.stringify([lease.info.app, lease.info.id])
      newest.delete(key)
      newest.set(key, lease)
    }
    return [...newest.values()]
  }
}
