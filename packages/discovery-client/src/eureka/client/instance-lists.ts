/**
 * The registry as balancers see it: a list of addresses for each service, the same list while nothing in it changes, and a
 * call to everybody who watches a service when its list does.
 */
import { invalidArgument, reportInternalError, runFenced } from '@breakwater/kernel'
import type { MonotonicMs } from '@breakwater/kernel'
import type { Instance, InstanceSource, Snapshot } from '../../instance.js'
import type { InstanceInfo } from '../core/model/instance-info.js'
import { isVipOfItself } from '../core/registry/application.js'
import type { Application } from '../core/registry/application.js'
import type { Registry } from '../core/registry/registry.js'
import { toInstance } from '../core/registry/to-instance.js'
import type { AddressOptions } from '../core/registry/to-instance.js'

/** What is known now. */
export interface Known {
  readonly registry: Registry
  /** `undefined` before anything is known. */
  readonly updatedAt: MonotonicMs | undefined
}

interface Watch {
  readonly listener: (snapshot: Snapshot) => void
  last: readonly Instance[] | undefined
}

const NOBODY: readonly Instance[] = Object.freeze([])

export class InstanceLists implements InstanceSource {
  private readonly address: AddressOptions
  private readonly known: () => Known
  private readonly watches = new Map<string, Set<Watch>>()
  /** A list of the registry keeps its identity while it does not change, so what is made of it does too. */
  private readonly made = new WeakMap<readonly InstanceInfo[], readonly Instance[]>()
  private readonly madeSecure = new WeakMap<readonly InstanceInfo[], readonly Instance[]>()
  private readonly vipsOfThemselves = new WeakMap<Application, boolean>()
  private hasList = false
  private readonly versions = new WeakMap<readonly Instance[], number>()

  constructor(address: AddressOptions, known: () => Known) {
    this.address = address
    this.known = known
  }

  /** The addresses of a service: by VIP, as Spring looks them up; else by secure VIP; else by application name. */
  instances(service: string): readonly Instance[] {
    const { registry } = this.known()
    const plain = registry.vip(service)
    if (plain.length > 0) return this.addresses(plain, this.address.preferSecure === true)
    const secure = registry.secureVip(service)
    if (secure.length > 0) return this.addresses(secure, true)
    const app = registry.app(service)
    // While the VIP of that name is out of service, the others of the application serve another one, as those under test do.
    if (app === undefined || this.isVip(app)) return NOBODY
    return this.addresses(app.instances, this.address.preferSecure === true)
  }

  snapshot(service: string): Snapshot | undefined {
    const { updatedAt } = this.known()
    if (updatedAt === undefined && !this.hasList) return undefined
    return this.snapshotOf(service, this.instances(service))
  }

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    checkWatch(service, listener)
    const watch: Watch = { listener, last: undefined }
    const others = this.watches.get(service) ?? new Set<Watch>()
    this.watches.set(service, others.add(watch))
    const snapshot = this.snapshot(service)
    if (snapshot !== undefined) this.tell(watch, snapshot)
    return () => {
      others.delete(watch)
      if (others.size === 0 && this.watches.get(service) === others) this.watches.delete(service)
    }
  }

  /** Tells those whose lists are different now. */
  refresh(): void {
    this.hasList = true
    for (const [service, watches] of this.watches) {
      const instances = this.instances(service)
      for (const watch of [...watches]) {
        // One of them may have ended the watch of another.
        const isWatching = this.watches.get(service)?.has(watch) === true
        if (isWatching && watch.last !== instances) this.tell(watch, this.snapshotOf(service, instances))
      }
    }
  }

  /** Nobody hears anything any more. */
  clear(): void {
    this.watches.clear()
  }

  private snapshotOf(service: string, instances: readonly Instance[]): Snapshot {
    const { registry, updatedAt = 0 } = this.known()
    const version = this.versions.get(instances) ?? registry.version
    if (instances !== NOBODY) this.versions.set(instances, version)
    return Object.freeze({ service, instances, version, updatedAt })
  }

  private tell(watch: Watch, snapshot: Snapshot): void {
    watch.last = snapshot.instances
    runFenced(
      () => watch.listener(snapshot),
      (error) => {
        reportInternalError(error, 'EurekaClient.watch')
      },
    )
  }

  private isVip(app: Application): boolean {
    const known = this.vipsOfThemselves.get(app) ?? isVipOfItself(app)
    this.vipsOfThemselves.set(app, known)
    return known
  }

  private addresses(infos: readonly InstanceInfo[], preferSecure: boolean): readonly Instance[] {
    const cache = preferSecure ? this.madeSecure : this.made
    const known = cache.get(infos)
    if (known !== undefined) return known
    const options = { ...this.address, preferSecure }
    const addresses = Object.freeze(
      withOwnIds(infos.map((info) => ({ info, instance: toInstance(info, options) }))),
    )
    cache.set(infos, addresses)
    return addresses
  }
}

interface Addressed {
  readonly info: InstanceInfo
  /** None while it has no open port. */
  readonly instance: Instance | undefined
}

/**
 * Ids are unique within an application only (Java's default is the host name), and several may share a VIP: where an id leads to different
 * addresses, all who have it get the name of their application in front.
 */
function withOwnIds(found: readonly Addressed[]): readonly Instance[] {
  const known = new Map<string, Instance>()
  const shared = new Set<string>()
  for (const { instance } of found) {
    if (instance === undefined) continue
    const { id, host, port } = instance
    const other = known.get(id)
    if (other === undefined) known.set(id, instance)
    else if (other.host !== host || other.port !== port) shared.add(id)
  }
  return found.flatMap(({ info, instance }) => {
    if (instance === undefined) return []
    return shared.has(instance.id)
      ? Object.freeze({ ...instance, id: `${info.app}/${instance.id}` })
      : instance
  })
}

function checkWatch(service: unknown, listener: unknown): void {
  const where = 'EurekaClient.watch'
  if (typeof service !== 'string')
    throw invalidArgument(where, { path: 'service', received: service, expected: 'a text' })
  if (typeof listener !== 'function')
    throw invalidArgument(where, { path: 'listener', received: listener, expected: 'a function' })
}
