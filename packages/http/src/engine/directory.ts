/**
 * Which service a request goes to: one that was named, one that the source knows, or the host itself. Hosts are bounded in
 * number; one makes room only while nothing would be forgotten by it.
 */
import type { InstanceSource } from '@breakwater/discovery-client'
import { BulkheadFullError } from '@breakwater/kernel'
import { readUrl } from '../core/redaction.js'
import { serviceNameOf } from '../core/service-host.js'
import type { Pools } from '../wire/pools.js'
import { PoolClosedError } from '../wire/wire-errors.js'
import { Service } from './service.js'
import type { ResolvedService, Surroundings } from './service-options.js'

export interface DirectorySetting {
  readonly pools: Pools
  readonly source: InstanceSource | undefined
  /** Of services that were not named, and of hosts. */
  readonly defaults: ResolvedService
  readonly around: Surroundings
  readonly maxDirectOrigins: number
  /** Told of each new service. */
  readonly onService: (service: Service) => void
}

/** What an origin says: a host, which may be the name of a service. */
interface Target {
  readonly name: string | undefined
  readonly origin: string
  readonly protocol: string
}

const MAX_TARGETS = 10_000

export class Directory {
  private readonly setting: DirectorySetting
  private readonly named = new Map<string, Service>()
  /** Names of those that had no instances when the source was first asked for them: a registry knows none of any name. */
  private readonly vacant = new Set<string>()
  /** Names of all that were not named beforehand: services come and go under ever new names. */
  private readonly found = new Set<string>()
  private sweepAt: number
  private readonly direct = new Map<string, Service>()
  /** Parsing takes longer than all the rest of finding. */
  private readonly targets = new Map<string, Target>()
  /** The one of them that was asked for last: to compare is ten times as fast as to look up a text that undici has just put together. */
  private lastOrigin = ''
  private lastTarget: Target | undefined = undefined
  private isClosed = false

  constructor(setting: DirectorySetting) {
    this.setting = setting
    this.sweepAt = setting.maxDirectOrigins
  }

  /** Adds a service by its name, which is in lower case. */
  add(name: string, options: ResolvedService, source: InstanceSource | undefined): void {
    this.register(this.named, name, new Service(this.placeOf(name, source), options, this.setting.around))
  }

  /** The service behind the origin of a request. Throws `TypeError` for what is no http(s) origin, and when the client is closed. */
  find(origin: string | URL | undefined): Service {
    if (this.isClosed) throw closedError()
    if (origin === undefined) throw new TypeError('a request needs an origin')
    const target = typeof origin === 'string' ? this.targetAt(origin) : targetOf(origin)
    return this.byName(target) ?? this.byOrigin(target)
  }

  /** What holds for answers from there; makes and changes nothing. */
  optionsAt(url: URL): ResolvedService {
    const { name } = targetOf(url)
    const service = name === undefined ? undefined : this.named.get(name)
    return service?.options ?? this.setting.defaults
  }

  get all(): readonly Service[] {
    return [...this.named.values(), ...this.direct.values()]
  }

  /** Takes no more requests, and ends those that wait for their turn. */
  close(): void {
    this.isClosed = true
    for (const service of this.all) service.close(closedError())
  }

  dispose(): void {
    this.close()
    for (const service of this.all) service.dispose()
    this.named.clear()
    this.vacant.clear()
    this.found.clear()
    this.direct.clear()
    this.targets.clear()
  }

  private targetAt(origin: string): Target {
    if (origin === this.lastOrigin && this.lastTarget !== undefined) return this.lastTarget
    const target = this.targets.get(origin) ?? this.remember(origin)
    this.lastOrigin = origin
    this.lastTarget = target
    return target
  }

  private remember(origin: string): Target {
    const target = targetOf(readUrl(origin))
    if (this.targets.size >= MAX_TARGETS) this.targets.clear()
    this.targets.set(origin, target)
    return target
  }

  private byName({ name }: Target): Service | undefined {
    if (name === undefined) return undefined
    const known = this.named.get(name)
    if (known !== undefined) return known
    const { source, defaults } = this.setting
    const snapshot = source?.snapshot(name)
    if (source === undefined || snapshot === undefined) return undefined
    if (snapshot.instances.length === 0) this.noteVacant(name, source)
    if (this.found.size >= this.sweepAt) this.dropGone(source)
    this.found.add(name)
    this.add(name, defaults, source)
    return this.named.get(name)
  }

  /** They may be as many as hosts: names may be made from input. */
  private noteVacant(name: string, source: InstanceSource): void {
    const { maxDirectOrigins } = this.setting
    if (this.vacant.size >= maxDirectOrigins && !this.hasMadeRoom(source))
      throw new BulkheadFullError(`${String(maxDirectOrigins)} services without instances are in use`)
    this.vacant.add(name)
  }

  private hasMadeRoom(source: InstanceSource): boolean {
    for (const name of this.vacant) {
      if (hasNobody(source, name)) this.letGo(name)
      else this.vacant.delete(name)
    }
    return this.vacant.size < this.setting.maxDirectOrigins
  }

  private dropGone(source: InstanceSource): void {
    for (const name of this.found) if (hasNobody(source, name)) this.letGo(name)
    // Doubling keeps the cost of looking at all constant for each, however many stay.
    this.sweepAt = Math.max(this.setting.maxDirectOrigins, this.found.size * 2)
  }

  /** Only while nothing would be forgotten by it. */
  private letGo(name: string): void {
    const service = this.named.get(name)
    if (service?.isIdle === false && !service.isUnused) return
    for (const names of [this.named, this.vacant, this.found]) names.delete(name)
    service?.dispose()
  }

  private byOrigin({ origin, protocol }: Target): Service {
    const known = this.direct.get(origin)
    if (known !== undefined) return known
    if (protocol !== 'http:' && protocol !== 'https:')
      // Without a scheme that is the name, or the secret, before the host.
      throw new TypeError('what the URL begins with is not a protocol of HTTP')
    const { defaults, around, maxDirectOrigins } = this.setting
    if (this.direct.size >= maxDirectOrigins) this.makeRoom()
    const service = new Service(this.placeOf(origin, undefined), defaults, around)
    this.register(this.direct, origin, service)
    return service
  }

  private makeRoom(): void {
    for (const [origin, service] of this.direct) {
      if (!service.isIdle) continue
      this.direct.delete(origin)
      service.dispose()
      return
    }
    const { maxDirectOrigins } = this.setting
    throw new BulkheadFullError(`${String(maxDirectOrigins)} hosts outside of services are in use`)
  }

  private register(where: Map<string, Service>, name: string, service: Service): void {
    where.set(name, service)
    this.setting.onService(service)
  }

  private placeOf(
    name: string,
    source: InstanceSource | undefined,
  ): ConstructorParameters<typeof Service>[0] {
    return { name, source, origin: source === undefined ? name : undefined, pools: this.setting.pools }
  }
}

function hasNobody(source: InstanceSource, name: string): boolean {
  return source.snapshot(name)?.instances.length === 0
}

function closedError(): PoolClosedError {
  return new PoolClosedError('the client is closed')
}

function targetOf({ hostname, port, origin, protocol }: URL): Target {
  // A service is where its instances are: who says a port means a host.
  return { name: port === '' ? serviceNameOf(hostname) : undefined, origin, protocol }
}
