/**
 * Instances from name servers. Each name is looked up again when its time to live is over, one look-up at a time, and the last good
 * answer stays in use while there is no other: name servers that fail take no service down.
 */
import { Emitter, isError } from '@breakwater/kernel'
import type { Instance, InstanceSource, Snapshot } from '../instance.js'
import { PeriodicTask } from '../periodic-task.js'
import { instancesOfA, instancesOfSrv, timeToLiveMs } from './core/dns-records.js'
import { resolveDnsOptions } from './dns-source-options.js'
import type { DnsSourceOptions, ResolvedDns } from './dns-source-options.js'
import { Shelf } from './shelf.js'

export interface DnsSourceEvents {
  /** A look-up failed, or brought nobody. The last good answer stays in use; the snapshot's age tells how old it is. */
  error: { readonly name: string; readonly error: Error }
}

/** One name, and the services that are looked for under it. */
interface Lookup {
  readonly services: Set<string>
  readonly task: PeriodicTask
  failures: number
}

interface Answer {
  readonly instances: readonly Instance[]
  readonly validMs: number
}

const PLACE = '{service}'
const SERVICE = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,8}$/i
/** More services than this are surely made from input; they stay unknown. */
const MAX_SERVICES = 1_000
const MAX_DOUBLINGS = 20

/**
 * A source that looks services up in DNS, from the first time that somebody asks for them until it is disposed. An answer without a usable
 * record counts as a failed look-up.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { DnsSource } from '@breakwater/discovery-client'
 *
 * const record = { name: 'users-1.internal', port: 8080, priority: 0, weight: 1 }
 * const resolver = { srv: async () => [record], a: async () => [] } // absent: the name servers of the machine
 * using source = new DnsSource({ name: '_{service}._tcp.internal', type: 'SRV', resolver })
 * await source.refresh('users')
 * console.log(source.snapshot('users')?.instances[0]?.id) // users-1.internal:8080
 * ```
 */
export class DnsSource implements InstanceSource {
  private readonly options: ResolvedDns
  private readonly shelf = new Shelf('DnsSource')
  private readonly events = new Emitter<DnsSourceEvents>('DnsSource')
  private readonly lookups = new Map<string, Lookup>()
  private readonly ending = new AbortController()
  private services = 0

  constructor(options: DnsSourceOptions) {
    this.options = resolveDnsOptions(options)
  }

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    this.lookupOf(service)
    return this.shelf.watch(service, listener)
  }

  snapshot(service: string): Snapshot | undefined {
    this.lookupOf(service)
    return this.shelf.get(service)
  }

  on<E extends keyof DnsSourceEvents>(event: E, listener: (payload: DnsSourceEvents[E]) => void): () => void {
    return this.events.on(event, listener)
  }

  /** Looks the service up now; resolves when that is over, also when it failed. */
  async refresh(service: string): Promise<void> {
    await this.lookupOf(service)?.task.runNow()
  }

  /** Ends all look-ups. What is known can still be read. */
  dispose(): void {
    this.ending.abort()
    for (const { task } of this.lookups.values()) void task.stop()
    this.shelf.clearListeners()
    this.events.clear()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  /** The look-up for a service, begun if it is new; `undefined` for what can be no name. */
  private lookupOf(service: string): Lookup | undefined {
    const name = this.options.name.replaceAll(PLACE, service)
    const known = this.lookups.get(name)
    if (known?.services.has(service) === true) return known
    const isUsable = SERVICE.test(service) && this.services < MAX_SERVICES
    if (this.ending.signal.aborted || !isUsable) return undefined
    this.services++
    if (known !== undefined) return this.join(known, service)
    const lookup: Lookup = {
      services: new Set([service]),
      failures: 0,
      task: new PeriodicTask(`DnsSource: ${name}`, this.options.clock, () => this.run(name, lookup)),
    }
    this.lookups.set(name, lookup)
    lookup.task.start(0)
    return lookup
  }

  // What its other services know is true of a new one too.
  private join(lookup: Lookup, service: string): Lookup {
    const [other] = lookup.services
    lookup.services.add(service)
    const known = other === undefined ? undefined : this.shelf.get(other)
    if (known !== undefined) this.shelf.put(service, known.instances, known.updatedAt)
    return lookup
  }

  /** One look-up; how long to wait for the next. */
  private async run(name: string, lookup: Lookup): Promise<number> {
    const { minRefreshMs, refreshMs, clock } = this.options
    try {
      const { instances, validMs } = await this.ask(name)
      lookup.failures = 0
      const now = clock.now()
      if (!this.ending.signal.aborted)
        for (const service of lookup.services) this.shelf.put(service, instances, now)
      return Math.min(refreshMs, Math.max(minRefreshMs, validMs))
    } catch (error) {
      const waitMs = minRefreshMs * 2 ** Math.min(lookup.failures++, MAX_DOUBLINGS)
      if (!this.ending.signal.aborted) {
        this.events.emit('error', { name, error: isError(error) ? error : new Error(String(error)) })
      }
      return Math.min(refreshMs, waitMs)
    }
  }

  private async ask(name: string): Promise<Answer> {
    const { resolver, type, port, secure } = this.options
    const { signal } = this.ending
    const answer =
      type === 'SRV'
        ? fromSrv(await resolver.srv(name, signal), secure)
        : fromA(await resolver.a(name, signal), port, secure)
    if (answer.instances.length === 0) throw new RangeError(`${name}: no usable ${type} record in the answer`)
    return answer
  }
}

function fromSrv(records: Parameters<typeof instancesOfSrv>[0], secure: boolean): Answer {
  return { instances: instancesOfSrv(records, secure), validMs: Infinity }
}

function fromA(records: Parameters<typeof instancesOfA>[0], port: number, secure: boolean): Answer {
  return { instances: instancesOfA(records, port, secure), validMs: timeToLiveMs(records) }
}
