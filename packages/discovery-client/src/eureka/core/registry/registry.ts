/**
 * An immutable picture of all instances that a server told of, with an index for each kind of lookup. A change makes a new
 * picture that shares everything with the old one but what changed, so readers never see half a change (E1).
 */
import { invalidArgument } from '@breakwater/kernel'
import type { InstanceInfo } from '../model/instance-info.js'
import { vipKey } from './application.js'
import type { Application } from './application.js'
import { appsHash, NO_COUNTS } from './apps-hash.js'
import type { StatusCounts } from './apps-hash.js'
import type { VipIndex } from './vip-index.js'

export interface RegistryOptions {
  /** Lookups answer only instances that are up. Stored, counted and hashed are all. */
  readonly filterOnlyUp: boolean
  /** Deltas that would lead beyond it are refused. */
  readonly maxInstances: number
}

/** What a registry is made of. */
export interface RegistryData {
  readonly options: RegistryOptions
  /** Grows by one with each change. */
  readonly version: number
  readonly apps: ReadonlyMap<string, Application>
  readonly vips: VipIndex
  readonly secureVips: VipIndex
  /** Application names by instance id. */
  readonly ids: ReadonlyMap<string, readonly string[]>
  /** Of all instances, those that were dropped as unusable included. */
  readonly counts: StatusCounts
  /** Of those dropped ones of which not even application and id are known. */
  readonly anonymous: StatusCounts
}

const NO_INSTANCES: readonly InstanceInfo[] = Object.freeze([])

/**
 * All instances that are known, by application, VIP and id. Every lookup but `services` takes constant time; names are compared
 * without case. One that is no text is an `InvalidOptionsError`.
 */
export class Registry {
  readonly data: RegistryData
  /** The fingerprint of all instances, as servers make it. */
  readonly hash: string
  /** How many instances there are, in any status. */
  readonly size: number

  constructor(data: RegistryData, size: number) {
    this.data = data
    this.size = size
    this.hash = appsHash(data.counts)
  }

  get version(): number {
    return this.data.version
  }

  /** Every application, by upper-cased name, also those with no instance that is up. */
  get apps(): ReadonlyMap<string, Application> {
    return this.data.apps
  }

  app(name: string): Application | undefined {
    return this.data.apps.get(text('app', 'name', name).toUpperCase())
  }

  /** The instances with a VIP; none is an empty list. The same list while nothing in it changes. */
  vip(name: string): readonly InstanceInfo[] {
    return this.data.vips.get(vipKey(text('vip', 'name', name)))?.instances ?? NO_INSTANCES
  }

  secureVip(name: string): readonly InstanceInfo[] {
    return this.data.secureVips.get(vipKey(text('secureVip', 'name', name)))?.instances ?? NO_INSTANCES
  }

  /** The instances of an application that have a VIP. */
  vipOfApp(vip: string, app: string, secure = false): readonly InstanceInfo[] {
    const known = this.app(app)
    const lists = secure ? known?.secureVips : known?.vips
    return lists?.get(vipKey(text('vipOfApp', 'vip', vip))) ?? NO_INSTANCES
  }

  /** One instance, in any status. */
  instance(app: string, instanceId: string): InstanceInfo | undefined {
    return this.app(app)?.byId.get(text('instance', 'instanceId', instanceId))
  }

  /** All instances with an id, in any status: several applications may use the same. */
  byId(instanceId: string): readonly InstanceInfo[] {
    const apps = this.data.ids.get(text('byId', 'instanceId', instanceId)) ?? []
    return apps
      .map((app) => this.data.apps.get(app)?.byId.get(instanceId))
      .filter((info) => info !== undefined)
  }

  /** Names of applications with at least one instance that lookups show. */
  services(): readonly string[] {
    return Array.from(this.data.apps.values())
      .filter(({ instances }) => instances.length > 0)
      .map(({ name }) => name)
  }
}

function text(method: string, path: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw invalidArgument(`Registry.${method}`, { path, received: value, expected: 'a text' })
}

/** A registry that knows nobody yet. */
export function emptyRegistry(options: RegistryOptions): Registry {
  const data: RegistryData = {
    options: Object.freeze({ ...options }),
    version: 0,
    apps: new Map(),
    vips: new Map(),
    secureVips: new Map(),
    ids: new Map(),
    counts: NO_COUNTS,
    anonymous: NO_COUNTS,
  }
  return new Registry(Object.freeze(data), 0)
}
