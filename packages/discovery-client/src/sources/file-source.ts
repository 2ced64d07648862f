/**
 * Instances from a JSON file, such as one that a config map or a deployment tool writes. The file is looked at again and again
 * (its watchers miss changes on network file systems and behind symbolic links), read when it looks different, and taken over as a whole
 * or not at all.
 */
import { constants, open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Emitter, isError, outsideOfCalls, readOptions, systemClock } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import type { Instance, InstanceSource, Snapshot } from '../instance.js'
import { PeriodicTask } from '../periodic-task.js'
import { readInstanceLists } from './core/read-instances.js'
import { areSameLists } from './core/same-list.js'
import { Shelf } from './shelf.js'

export interface FileSourceOptions {
  /** How often to look at the file, from 10 ms. Default 1 000. */
  readonly pollMs?: number | undefined
  /** A larger file is refused. Default 16 MiB. */
  readonly maxBytes?: number | undefined
  readonly clock?: Clock | undefined
}

export interface FileSourceEvents {
  /** The file was read, and says something else than before. */
  update: { readonly services: number; readonly instances: number }
  /** The file could not be read or used. What it said before stays in use. */
  error: { readonly error: Error }
}

const POLL_MS = 1_000
const MAX_BYTES = 16 * 2 ** 20
/** The coarsest time that a file system notes a change with: FAT's; that of others is 1 s, or a tick of the kernel. */
const COARSEST_STAMP_MS = 2_000
// A pipe without a writer would hold the look, and a thread, for ever.
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK
const BYTE_ORDER_MARK = /^\uFEFF/

/**
 * A source that follows a file of the form `{ "users": ["http://127.0.0.1:9001", { "host": "…", "port": 80 }] }`, the form
 * of `StaticSource`. Write the file beside its place and rename it into it, so that nobody reads half of one; half a file is no JSON
 * and changes nothing. A relative path is that of the moment at which the source is made.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { mkdtemp, rm, writeFile } from 'node:fs/promises'
 * import { tmpdir } from 'node:os'
 * import { FileSource } from '@breakwater/discovery-client'
 *
 * const folder = await mkdtemp(`${tmpdir()}/`)
 * const file = `${folder}/instances.json`
 * await writeFile(file, JSON.stringify({ users: ['http://127.0.0.1:9001'] }))
 * using source = new FileSource(file)
 * await source.ready
 * console.log(source.snapshot('users')?.instances.length) // 1
 * await rm(folder, { recursive: true })
 * ```
 */
export class FileSource implements InstanceSource {
  /** Resolves when the file has been read for the first time, also when that failed. */
  readonly ready: Promise<void>
  private readonly path: string
  private readonly maxBytes: number
  private readonly clock: Clock
  private readonly shelf = new Shelf('FileSource')
  private readonly events = new Emitter<FileSourceEvents>('FileSource')
  private readonly task: PeriodicTask
  private text: string | undefined
  private lists: ReadonlyMap<string, readonly Instance[]> | undefined
  private stamp = ''
  private stampSeenAt = -Infinity
  /** Whether another change must have another stamp. */
  private isSettled = false
  private problem = ''
  private isDisposed = false

  constructor(path: string, options?: FileSourceOptions) {
    const read = readOptions('FileSource', options, ['pollMs', 'maxBytes', 'clock'])
    if (typeof path !== 'string' || path === '') read.issue('path', path, 'the path of a file')
    const pollMs = read.durationMs('pollMs', POLL_MS, { min: 10 })
    this.maxBytes = read.integer('maxBytes', MAX_BYTES, { min: 1 })
    this.clock = read.clock('clock', systemClock)
    read.finish()
    this.path = resolve(path)
    this.task = new PeriodicTask('FileSource', this.clock, async () => {
      await this.look()
      return pollMs
    })
    this.task.start(pollMs)
    // Node 22 keeps the async context of a promise as long as the promise.
    this.ready = outsideOfCalls(() => this.task.runNow())
  }

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    return this.shelf.watch(service, listener)
  }

  snapshot(service: string): Snapshot | undefined {
    return this.shelf.get(service)
  }

  on<E extends keyof FileSourceEvents>(
    event: E,
    listener: (payload: FileSourceEvents[E]) => void,
  ): () => void {
    return this.events.on(event, listener)
  }

  /** Looks at the file now. */
  refresh(): Promise<void> {
    return this.task.runNow()
  }

  /** Stops to look. What is known can still be read. */
  dispose(): void {
    this.isDisposed = true
    void this.task.stop()
    this.shelf.clearListeners()
    this.events.clear()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private async look(): Promise<void> {
    try {
      const text = await this.readFile()
      if (this.isDisposed) return
      if (text !== undefined) this.take(text)
      else this.confirm()
      this.problem = ''
    } catch (error) {
      this.failed(isError(error) ? error : new Error(String(error)))
    }
  }

  /** The text, or `undefined` when the file looks as it did when it was last read, and cannot have changed since. */
  private async readFile(): Promise<string | undefined> {
    const now = this.clock.now()
    await using file = await open(this.path, OPEN_FLAGS)
    const stats = await file.stat({ bigint: true })
    // Whoever writes can set the time of modification, and many tools do; not that of the last change.
    const { ino, size, ctimeNs } = stats
    if (!stats.isFile()) throw new TypeError(`${this.path} is no file`)
    if (size > this.maxBytes)
      throw new RangeError(`${String(size)} bytes, ${String(this.maxBytes)} are allowed`)
    const stamp = [ino, size, ctimeNs].join(' ')
    const isKnown = stamp === this.stamp
    if (isKnown && this.isSettled && this.problem === '') return undefined
    const text = await file.readFile('utf8')
    if (!isKnown) this.stampSeenAt = now
    this.stamp = stamp
    this.isSettled = now - this.stampSeenAt >= COARSEST_STAMP_MS
    return text
  }

  private take(text: string): void {
    if (text === this.text) {
      this.confirm()
      return
    }
    const lists = readInstanceLists('FileSource', JSON.parse(text.replace(BYTE_ORDER_MARK, '')))
    this.text = text
    if (this.lists !== undefined && areSameLists(this.lists, lists)) {
      this.confirm()
      return
    }
    this.lists = lists
    const now = this.clock.now()
    let instances = 0
    for (const service of this.shelf.services()) if (!lists.has(service)) this.shelf.putNobody(service, now)
    for (const [service, list] of lists) {
      this.shelf.put(service, list, now)
      instances += list.length
    }
    this.events.emit('update', { services: lists.size, instances })
  }

  private confirm(): void {
    const now = this.clock.now()
    for (const service of this.shelf.services()) {
      const known = this.shelf.get(service)
      if (known !== undefined) this.shelf.put(service, known.instances, now)
    }
  }

  // A fault that lasts is told once.
  private failed(error: Error): void {
    if (this.isDisposed || error.message === this.problem) return
    this.problem = error.message
    this.events.emit('error', { error })
  }
}
