/**
 * Fetches the registry again and again, and tells of it. What goes wrong is told too, and tried again: sooner at first, and
 * never all clients of a fleet at once.
 */
import { isError, RegistryError } from '@breakwater/kernel'
import type { Clock, Emitter, Random } from '@breakwater/kernel'
import type { InstanceStatus } from '../../instance.js'
import { PeriodicTask } from '../../periodic-task.js'
import { periodMs, retryDelayMs } from '../core/lifecycle/schedule.js'
import type { InstanceInfo } from '../core/model/instance-info.js'
import type { Registry } from '../core/registry/registry.js'
import type { InstanceKey } from '../core/wire/requests.js'
import { isRegistryFault, registryError, stoppedError } from '../../transport/registry-errors.js'
import type { EurekaEvents } from './events.js'
import type { InstanceLists } from './instance-lists.js'
import { sizeOfAll } from './known-regions.js'
import type { FetchResult, RegistryFetcher } from './registry-fetcher.js'

/** A backup that hangs must not keep servers from being asked that are back. */
const BACKUP_LIMIT_MS = 30_000

export interface RegistryPollOptions {
  readonly clock: Clock
  readonly random: Random
  readonly intervalMs: number
  /** How many intervals to wait after fetches that timed out, at most. */
  readonly backOffBound: number
  readonly region: string
  readonly fetcher: RegistryFetcher
  readonly lists: InstanceLists
  readonly events: Emitter<EurekaEvents>
  /** Our own instance, whose status is watched. */
  readonly own: InstanceKey | undefined
  /** Hears what each registry has of it. */
  readonly onOwn: (info: InstanceInfo) => void
  readonly backup: (() => unknown) | undefined
}

export class RegistryPoll {
  private readonly options: RegistryPollOptions
  private readonly task: PeriodicTask
  private failures = 0
  private timeouts = 0
  private lastError: Error | undefined
  private hasFetched = false
  private seen: InstanceStatus = 'UNKNOWN'
  /** Ends the wait for the backup. */
  private endBackup: () => void = () => undefined

  constructor(options: RegistryPollOptions) {
    this.options = options
    this.task = new PeriodicTask('EurekaClient: fetch of the registry', options.clock, () => this.poll())
  }

  /** The registry of our own region. */
  get registry(): Registry {
    const { fetcher, region } = this.options
    // There is always one of our own region.
    return fetcher.registries.get(region) as Registry
  }

  /** Whether anything was fetched or taken from the backup. */
  get isLoaded(): boolean {
    return this.hasFetched
  }

  /** What the last fetch failed with; `undefined` after a good one. */
  get error(): Error | undefined {
    return this.lastError
  }

  /** The status of our own instance as the registry has it. */
  get ownStatus(): InstanceStatus {
    return this.seen
  }

  /** Fetches now, and from now on. Resolves when the first fetch has ended, however, and the backup if it was asked. */
  async start(): Promise<void> {
    this.task.start(0)
    await this.task.runNow()
  }

  /** Fetches once out of turn. */
  refresh(): Promise<void> {
    return this.task.runNow()
  }

  stop(): Promise<void> {
    this.endBackup()
    return this.task.stop()
  }

  private async poll(): Promise<number> {
    const { random, intervalMs, fetcher } = this.options
    try {
      this.took(await fetcher.fetch())
    } catch (error) {
      if (isRegistryFault(error, 'STOPPED')) return intervalMs
      return this.failed(error)
    }
    this.failures = 0
    this.timeouts = 0
    this.lastError = undefined
    return periodMs(intervalMs, random)
  }

  private async failed(error: unknown): Promise<number> {
    const { random, intervalMs, backOffBound, events } = this.options
    this.lastError = isError(error) ? error : new Error('the fetch failed')
    this.failures++
    events.emit('error', { operation: 'fetch', error: this.lastError })
    if (!this.hasFetched && this.failures === 1) await this.askBackup()
    const wait = error instanceof RegistryError ? (error.retryAfterMs ?? 0) : 0
    this.timeouts = isTimeout(error) ? this.timeouts + 1 : 0
    // Java doubles the wait after timeouts alone: what refuses at once costs little, what hangs may be drowning.
    const grown = this.timeouts < 2 ? 0 : intervalMs * Math.min(backOffBound, 2 ** (this.timeouts - 1))
    const delayMs = Math.max(retryDelayMs(intervalMs, this.failures, random), periodMs(grown, random))
    return Math.max(delayMs, Math.min(wait, intervalMs * backOffBound))
  }

  private async askBackup(): Promise<void> {
    const { backup, fetcher, events } = this.options
    if (backup === undefined) return
    try {
      const answer = (async (): Promise<unknown> => backup())()
      this.took(await fetcher.useBackup(await Promise.race([answer, this.endOfBackup()])))
    } catch (error) {
      const failure = isError(error) ? error : new Error('the backup registry failed')
      if (!isRegistryFault(error, 'STOPPED')) events.emit('error', { operation: 'backup', error: failure })
    } finally {
      this.endBackup()
    }
  }

  private endOfBackup(): Promise<never> {
    const { clock } = this.options
    return new Promise((_resolve, reject) => {
      const expire = (): void => {
        reject(registryError('TIMEOUT', 'the backup registry did not answer in time'))
      }
      // Whoever started the client waits for it.
      const cancel = clock.schedule(clock.now() + BACKUP_LIMIT_MS, expire)
      this.endBackup = (): void => {
        cancel()
        reject(stoppedError())
      }
    })
  }

  private took(result: FetchResult): void {
    const { events, fetcher, lists } = this.options
    const { kind, changed, dropped, held, diff } = result
    if (held !== undefined) events.emit('held', held)
    if (diff !== undefined) events.emit('deltaDiff', diff)
    if (held?.services.length === 0) return
    this.hasFetched = true
    lists.refresh()
    const instances = sizeOfAll(fetcher.registries)
    events.emit('registry', { kind, changed, version: this.registry.version, instances, dropped })
    this.watchOwnStatus()
  }

  private watchOwnStatus(): void {
    const { own, onOwn, events } = this.options
    if (own === undefined) return
    const known = this.registry.instance(own.app, own.instanceId)
    if (known !== undefined) onOwn(known)
    const current = known?.status ?? 'UNKNOWN'
    const previous = this.seen
    if (current === previous) return
    this.seen = current
    events.emit('status', { previous, current })
  }
}

function isTimeout(error: unknown): boolean {
  return (
    isRegistryFault(error, 'TIMEOUT') ||
    (error instanceof RegistryError && isRegistryFault(error.cause, 'TIMEOUT'))
  )
}
