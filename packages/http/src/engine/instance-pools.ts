/** The pools of the instances of one service: held while the source knows the instance, so that what leaves drains. */
import type { Instance, InstanceSource } from '@breakwater/discovery-client'
import { outsideOfCalls, reportInternalError } from '@breakwater/kernel'
import type { InstancePool } from '../wire/instance-pool.js'
import type { Pools } from '../wire/pools.js'
import { originOf } from './outgoing.js'

export interface InstancePoolsSetting {
  readonly pools: Pools
  readonly source: InstanceSource
  readonly service: string
  readonly tlsName: string | ((instance: Instance) => string) | undefined
}

interface Held {
  readonly instance: Instance
  readonly pool: InstancePool
}

export class InstancePools {
  /** Those without TLS. */
  plainIds: readonly string[] = []
  private readonly setting: InstancePoolsSetting
  private readonly held = new Map<string, Held>()
  private readonly unwatch: () => void
  private count = 0

  constructor(setting: InstancePoolsSetting) {
    this.setting = setting
    const { source, service } = setting
    // The first request to a service begins it, and all go on with it.
    this.unwatch = outsideOfCalls(() =>
      source.watch(service, ({ instances }) => {
        this.take(instances)
      }),
    )
  }

  /** How many instances the source knows. */
  get size(): number {
    return this.count
  }

  /** The pool of an instance, which the source may not know any more. */
  of(instance: Instance): InstancePool {
    const held = this.held.get(instance.id)
    if (held !== undefined && isAtSamePlace(held.instance, instance)) return held.pool
    return this.hold(instance)
  }

  dispose(): void {
    this.unwatch()
    this.take([])
  }

  private take(instances: readonly Instance[]): void {
    this.count = instances.length
    this.plainIds = instances.filter(({ secure }) => !secure).map(({ id }) => id)
    const present = new Map(instances.map((instance) => [instance.id, instance]))
    for (const [id, { instance, pool }] of this.held) {
      const now = present.get(id)
      if (now !== undefined && isAtSamePlace(now, instance) && this.isNamedSo(now, pool)) continue
      this.held.delete(id)
      this.setting.pools.release(pool)
    }
    for (const instance of instances) {
      try {
        if (!this.held.has(instance.id)) this.hold(instance)
      } catch (error) {
        // One bad entry must not keep the others away; to the balancer it is one that fails.
        reportInternalError(error, `instance ${instance.id}`)
      }
    }
  }

  private hold(instance: Instance): InstancePool {
    const { pools } = this.setting
    const before = this.held.get(instance.id)
    const pool = pools.acquire(originOf(instance), this.nameOf(instance))
    this.held.set(instance.id, { instance, pool })
    if (before !== undefined) pools.release(before.pool)
    return pool
  }

  private nameOf(instance: Instance): string | undefined {
    const { tlsName } = this.setting
    if (!instance.secure) return undefined
    return typeof tlsName === 'function' ? tlsName(instance) : tlsName
  }

  // What it says of itself may be where its name comes from. One that has none is told of where it would be held anew.
  private isNamedSo(instance: Instance, pool: InstancePool): boolean {
    try {
      return this.nameOf(instance) === pool.servername
    } catch {
      return false
    }
  }
}

function isAtSamePlace(one: Instance, other: Instance): boolean {
  return one === other || (one.host === other.host && one.port === other.port && one.secure === other.secure)
}
