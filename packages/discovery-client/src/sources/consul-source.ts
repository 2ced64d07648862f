/**
 * Instances from Consul. One query for each service waits at the server for the next change, so that lists are fresh without polling; while
 * Consul cannot be reached, or answers with something else, the last good list stays in use.
 */
import { Emitter, reportInternalError } from '@breakwater/kernel'
import type { InstanceSource, Snapshot } from '../instance.js'
import { ConsulWatch } from './consul-watch.js'
import { resolveConsulOptions } from './consul-source-options.js'
import type { ConsulSourceOptions, ResolvedConsul } from './consul-source-options.js'
import type { EntryList } from './core/consul-entries.js'
import { isServiceName } from './core/consul-query.js'
import { Shelf } from './shelf.js'

export interface ConsulSourceEvents {
  /** A query failed, or its answer could not be used. The last good list stays in use; the snapshot's age tells how old it is. */
  error: { readonly service: string; readonly error: Error }
  /** An answer held so many entries that could not be used; told when the number changes. */
  dropped: { readonly service: string; readonly entries: number }
}

interface Entry {
  readonly watch: ConsulWatch
  dropped: number
  toldEmpty: boolean
}

/** More services than this are surely made from input; they stay unknown. */
const MAX_SERVICES = 1_000
/** A caller who waits keeps the process alive for so long at most at a time. */
const HOLD_MS = 2 ** 31 - 1

/**
 * A source that follows services in Consul's catalogue by blocking queries: from the first time that somebody asks for a service until nobody
 * watches it any more, or the source is disposed. The id of an instance is `NODE/SERVICE-ID`, its zone that of the
 * metadata of the service or of its node, its weight the one that Consul has for its state of health.
 *
 * Queries keep no process alive. The API of Consul is used as of version 1.15.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { ConsulSource, createBalancer } from '@breakwater/discovery-client'
 *
 * using source = new ConsulSource({ url: 'http://127.0.0.1:8500', consistency: 'stale' })
 * using users = createBalancer({ source, service: 'users' })
 * source.on('error', ({ service, error }) => console.log(`${service}: ${error.name}`)) // users: RegistryError
 * await source.ready('users')
 * ```
 */
export class ConsulSource implements InstanceSource {
  private readonly options: ResolvedConsul
  private readonly shelf = new Shelf('ConsulSource')
  private readonly events = new Emitter<ConsulSourceEvents>('ConsulSource')
  private readonly entries = new Map<string, Entry>()
  private isDisposed = false

  constructor(options: ConsulSourceOptions) {
    this.options = resolveConsulOptions(options)
  }

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    this.entryOf(service)
    const unwatch = this.shelf.watch(service, listener)
    let isOver = false
    return () => {
      // Somebody else may have asked since then.
      if (isOver) return
      isOver = true
      unwatch()
      if (!this.shelf.isWatched(service)) this.end(service)
    }
  }

  snapshot(service: string): Snapshot | undefined {
    this.entryOf(service)
    return this.shelf.get(service)
  }

  on<E extends keyof ConsulSourceEvents>(
    event: E,
    listener: (payload: ConsulSourceEvents[E]) => void,
  ): () => void {
    return this.events.on(event, listener)
  }

  /** Resolves when the first query for the service has ended, also when it failed. */
  async ready(service: string): Promise<void> {
    const entry = this.entryOf(service)
    if (entry === undefined) return
    const { clock } = this.options
    const release = clock.schedule(clock.now() + HOLD_MS, () => {})
    try {
      await entry.watch.ready
    } finally {
      release()
    }
  }

  /** Ends all queries, and closes their connections. What is known can still be read. */
  dispose(): void {
    this.isDisposed = true
    this.shelf.clearListeners()
    this.events.clear()
    for (const service of [...this.entries.keys()]) this.end(service)
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private entryOf(service: string): Entry | undefined {
    const known = this.entries.get(service)
    if (known !== undefined || this.isDisposed) return known
    if (typeof service !== 'string' || !isServiceName(service) || this.entries.size >= MAX_SERVICES)
      return undefined
    const watch = new ConsulWatch(service, this.options, {
      answered: (list, ageMs) => {
        this.answered(service, list, ageMs)
      },
      failed: (error) => {
        this.events.emit('error', { service, error })
      },
    })
    const entry: Entry = { watch, dropped: 0, toldEmpty: false }
    this.entries.set(service, entry)
    return entry
  }

  private answered(service: string, { instances, dropped }: EntryList, ageMs: number | undefined): void {
    const entry = this.entries.get(service)
    if (entry === undefined) return
    if (entry.dropped !== dropped) {
      entry.dropped = dropped
      this.events.emit('dropped', { service, entries: dropped })
    }
    const known = this.shelf.get(service)
    const before = known?.instances.length ?? 0
    const isKept = this.options.keepOnEmpty && instances.length === 0 && before > 0
    if (isKept && !entry.toldEmpty) {
      const error = new RangeError(`${service}: nobody is in service; the last ${String(before)} are kept`)
      this.events.emit('error', { service, error })
    }
    entry.toldEmpty = isKept
    if (isKept) return
    const now = this.options.clock.now()
    // What nobody can date makes nothing younger.
    const heardAt = ageMs === undefined ? (known?.updatedAt ?? now) : now - ageMs
    this.shelf.put(service, instances, Math.max(heardAt, known?.updatedAt ?? heardAt))
  }

  private end(service: string): void {
    const entry = this.entries.get(service)
    if (entry === undefined) return
    this.entries.delete(service)
    this.shelf.letGo(service)
    entry.watch.stop().catch((error: unknown) => {
      reportInternalError(error, 'ConsulSource: stop')
    })
  }
}
