/**
 * The registry of one server: leases by application and id, overrides, and the changes that deltas are made of. The rules
 * are those of `AbstractInstanceRegistry` and `PeerAwareInstanceRegistryImpl` in Netflix/eureka. Time is the server's own,
 * in milliseconds since 1970, and comes in with each operation.
 */
import { DeltaQueue } from './delta-queue.js'
import type { ActionType, InstanceInfo, InstanceStatus } from './instance-info.js'
import * as leases from './lease.js'
import type { Lease } from './lease.js'
import { decideStatus, StatusOverrides } from './overrides.js'

/** Names one instance. */
export interface InstanceKey {
  readonly app: string
  readonly id: string
}

/** How an operation is meant. */
export interface Origin {
  /** The time of the server. */
  readonly now: number
  /** Whether a peer passes it on. */
  readonly isReplication?: boolean
}

/** What a registry tells of each change. */
export interface RegistryListener {
  readonly changed: (info: InstanceInfo) => void
  readonly joined: () => void
  readonly left: () => void
  readonly renewed: () => void
}

/** The answer to a heartbeat: `conflict` is for peers only, who then take what is here. */
export type Renewal = 'renewed' | 'unknown' | 'conflict'

export class Registry {
  readonly changes: DeltaQueue = new DeltaQueue()
  readonly overrides: StatusOverrides = new StatusOverrides()
  private readonly apps = new Map<string, Map<string, Lease>>()
  private readonly listener: RegistryListener

  constructor(listener: RegistryListener) {
    this.listener = listener
  }

  /** Puts an instance. One that is older than what is there, by its dirty stamp, counts as seen and is thrown away. */
  register(incoming: InstanceInfo, { now, isReplication = false }: Origin, isHeld = false): void {
    const app = this.apps.get(incoming.app) ?? new Map<string, Lease>()
    this.apps.set(incoming.app, app)
    const existing = app.get(incoming.id)
    if (existing === undefined) this.listener.joined()
    const isOutdated =
      existing !== undefined && existing.info.lastDirtyTimestamp > incoming.lastDirtyTimestamp
    const info = isOutdated ? existing.info : incoming
    const { id, overriddenStatus } = info
    if (overriddenStatus !== 'UNKNOWN' && this.overrides.get(id, now) === undefined) {
      this.overrides.set(id, overriddenStatus, now)
    }
    const override = this.overrides.get(id, now)
    const status = decideStatus({ incoming: info, existing: existing?.info.status, override, isReplication })
    const decided = { ...info, status, overriddenStatus: override ?? overriddenStatus }
    const lease = leases.grant(decided, now, { isHeld, upAt: existing?.upAt ?? 0 })
    app.set(id, lease)
    this.record(lease, 'ADDED', now)
  }

  /** A heartbeat. `dirtyTimestamp` is the sender's idea of its last change. */
  renew(
    key: InstanceKey,
    dirtyTimestamp: number | undefined,
    { now, isReplication = false }: Origin,
  ): Renewal {
    const lease = this.lease(key)
    if (lease === undefined) return 'unknown'
    const override = this.overrides.get(key.id, now)
    const status = decideStatus({
      incoming: lease.info,
      existing: lease.info.status,
      override,
      isReplication,
    })
    if (status === 'UNKNOWN') return 'unknown'
    lease.info = { ...lease.info, status }
    this.listener.renewed()
    leases.renew(lease, now)
    const known = lease.info.lastDirtyTimestamp
    const sent = dirtyTimestamp ?? known
    if (sent > known) return 'unknown'
    return isReplication && sent < known ? 'conflict' : 'renewed'
  }

  /** Removes an instance and its override; `false` when it is not there. */
  cancel({ app, id }: InstanceKey, now: number): boolean {
    const lease = this.lease({ app, id })
    this.overrides.remove(id, now)
    if (lease === undefined) return false
    this.apps.get(app)?.delete(id)
    lease.evictedAt = now
    this.listener.left()
    this.record(lease, 'DELETED', now)
    return true
  }

  /** Sets an override; also renews the lease. */
  setStatus(key: InstanceKey, status: InstanceStatus, now: number, dirtyTimestamp = 0): boolean {
    const lease = this.lease(key)
    if (lease === undefined) return false
    leases.renew(lease, now)
    if (lease.info.status === status) return true
    if (status === 'UP') leases.markUp(lease, now)
    this.overrides.set(key.id, status, now)
    this.restate(lease, { status, overriddenStatus: status }, now, dirtyTimestamp)
    return true
  }

  /** Removes an override, after which the status is what the caller says; without an override nothing changes. */
  removeOverride(key: InstanceKey, status: InstanceStatus, now: number, dirtyTimestamp = 0): boolean {
    const lease = this.lease(key)
    if (lease === undefined) return false
    leases.renew(lease, now)
    if (this.overrides.remove(key.id, now) === undefined) return true
    if (status === 'UP') leases.markUp(lease, now)
    this.restate(lease, { status, overriddenStatus: 'UNKNOWN' }, now, dirtyTimestamp)
    return true
  }

  /** Merges metadata. To a server this is a registration: a new lease, and ADDED in the delta. */
  mergeMetadata(key: InstanceKey, entries: Readonly<Record<string, string>>, now: number): boolean {
    const lease = this.lease(key)
    if (lease === undefined) return false
    const metadata = { ...lease.info.metadata, ...entries }
    this.register({ ...lease.info, metadata }, { now }, lease.isHeld)
    return true
  }

  lease({ app, id }: InstanceKey): Lease | undefined {
    return this.apps.get(app)?.get(id)
  }

  /** The first instance with this id, whatever its application. */
  keyOfId(id: string): InstanceKey | undefined {
    const found = this.all().find(({ info }) => info.id === id)
    return found === undefined ? undefined : { app: found.info.app, id }
  }

  app(name: string): readonly Lease[] {
    return [...(this.apps.get(name)?.values() ?? [])]
  }

  all(): readonly Lease[] {
    return [...this.apps.values()].flatMap((instances) => [...instances.values()])
  }

  private restate(lease: Lease, change: Partial<InstanceInfo>, now: number, dirtyTimestamp: number): void {
    const lastDirtyTimestamp = Math.max(dirtyTimestamp, lease.info.lastDirtyTimestamp)
    lease.info = { ...lease.info, ...change, lastDirtyTimestamp }
    this.record(lease, 'MODIFIED', now)
  }

  private record(lease: Lease, actionType: ActionType, now: number): void {
    lease.info = { ...lease.info, actionType, lastUpdatedTimestamp: now }
    this.changes.add(lease, now)
    this.listener.changed(lease.info)
  }
}
