/**
 * The servers of the registry in the order to try them. Made anew every few minutes (a new order, new DNS answers) when
 * somebody asks, without a timer of its own; while that fails, the last list stays.
 */
import type { Clock, MonotonicMs } from '@breakwater/kernel'
import { isRegistryFault, registryError, stoppedError } from '../../transport/registry-errors.js'

export interface ServerListOptions<S> {
  readonly clock: Clock
  /** Makes the list. May take its time; the signal ends it. */
  readonly load: (signal: AbortSignal) => Promise<readonly S[]>
  /** The age from which on a list is made anew. */
  readonly refreshMs: number
  /** The longest that making one may take. */
  readonly limitMs: number
  /** Hears why a list could not be made anew. */
  readonly onError: (error: Error) => void
}

/** After a failure the next try waits this long, so that a dead name server is not asked for every request. */
const RETRY_MS = 10_000

export class ServerList<S> {
  private readonly options: ServerListOptions<S>
  private list: readonly S[] | undefined
  private loading: Promise<readonly S[]> | undefined
  private abort: AbortController | undefined
  private nextAt: MonotonicMs = 0
  private loadedAt: MonotonicMs | undefined
  private isClosed = false

  constructor(options: ServerListOptions<S>) {
    this.options = options
  }

  /** How many servers are known now. */
  get size(): number {
    return this.list?.length ?? 0
  }

  /** How old the list is, in milliseconds; `undefined` before the first. */
  get ageMs(): number | undefined {
    return this.loadedAt === undefined ? undefined : this.options.clock.now() - this.loadedAt
  }

  /** The servers known by now. Waits only when none are; rejects with `ERR_REGISTRY_DNS` or `ERR_REGISTRY_STOPPED`. */
  get(): Promise<readonly S[]> {
    const { list } = this
    if (list === undefined) return this.load()
    if (this.options.clock.now() >= this.nextAt) this.load().catch(() => undefined)
    return Promise.resolve(list)
  }

  /** Ends a lookup that is under way. */
  close(): void {
    this.isClosed = true
    this.abort?.abort(stoppedError())
  }

  private load(): Promise<readonly S[]> {
    if (this.isClosed) return Promise.reject(stoppedError())
    this.loading ??= this.loadOnce().finally(() => {
      this.loading = undefined
      this.abort = undefined
    })
    return this.loading
  }

  private async loadOnce(): Promise<readonly S[]> {
    const { clock, refreshMs, limitMs, load, onError } = this.options
    const abort = new AbortController()
    this.abort = abort
    const cancel = clock.schedule(clock.now() + limitMs, () => {
      abort.abort(registryError('DNS', 'the servers of the registry could not be looked up in time'))
    })
    try {
      const list = await endedBy(abort.signal, load(abort.signal))
      this.list = list
      this.loadedAt = clock.now()
      this.nextAt = this.loadedAt + refreshMs
      return list
    } catch (error) {
      this.nextAt = clock.now() + Math.min(RETRY_MS, refreshMs)
      const failure = inOurWords(error)
      if (!isRegistryFault(failure, 'STOPPED')) onError(failure)
      throw failure
    } finally {
      cancel()
    }
  }
}

/** Rejects at once when the signal aborts, whatever the work does then. */
async function endedBy<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = (): void => {
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}

function inOurWords(error: unknown): Error {
  for (const fault of ['DNS', 'STOPPED', 'NO_SERVER'] as const) {
    if (isRegistryFault(error, fault)) return error as Error
  }
  return registryError('DNS', 'the servers of the registry could not be looked up', { cause: error })
}
