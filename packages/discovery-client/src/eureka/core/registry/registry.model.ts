/** A server in a few lines, and ways to look at a registry, for tests. */
import type { InstanceStatus } from '../../../instance.js'
import type { ActionType, InstanceInfo } from '../model/instance-info.js'
import { runSteps } from '../steps.js'
import { answerOf, readAnswer } from '../wire/wire.model.js'
import type { ReadApplications } from '../wire/read-applications.js'
import { applyDelta, replaceRegistry } from './apply.js'
import type { DeltaResult } from './apply.js'
import { appsHash, countStatuses } from './apps-hash.js'
import { emptyRegistry } from './registry.js'
import type { Registry } from './registry.js'

const NO_METADATA: Readonly<Record<string, string>> = Object.freeze(
  Object.create(null) as Record<string, string>,
)

/** An instance of app `A` unless told otherwise. */
export function info(instanceId: string, changes: Partial<InstanceInfo> = {}): InstanceInfo {
  return {
    instanceId,
    app: 'A',
    hostName: 'h',
    ipAddr: '10.0.0.1',
    status: 'UP',
    overriddenStatus: 'UNKNOWN',
    port: { number: 80, enabled: true },
    securePort: { number: 443, enabled: false },
    dataCenterInfo: { name: 'MyOwn' },
    metadata: NO_METADATA,
    isCoordinatingDiscoveryServer: false,
    vipAddress: 'vip',
    secureVipAddress: 'svip',
    ...changes,
  }
}

export function newRegistry(options: { filterOnlyUp?: boolean; maxInstances?: number } = {}): Registry {
  return emptyRegistry({ filterOnlyUp: true, maxInstances: 20_000, ...options })
}

/** An answer of a server, read as a client reads it. */
export function listed(infos: readonly InstanceInfo[], hash?: string): ReadApplications {
  return readAnswer(JSON.parse(JSON.stringify(answerOf(infos, hash))))
}

export function full(before: Registry, infos: readonly InstanceInfo[]): Registry {
  return runSteps(replaceRegistry(before, listed(infos))).registry
}

/** A registry of these instances. */
export function registryOf(
  infos: readonly InstanceInfo[],
  options: { filterOnlyUp?: boolean } = {},
): Registry {
  return full(newRegistry(options), infos)
}

export function delta(
  before: Registry,
  changes: readonly (readonly [ActionType, InstanceInfo])[],
  hash?: string,
): DeltaResult {
  return runSteps(
    applyDelta(
      before,
      listed(
        changes.map(([actionType, changed]) => ({ ...changed, actionType })),
        hash,
      ),
    ),
  )
}

/** Everything that a registry says about instances, in a comparable form: stored, shown, indexed. */
export function contentsOf(registry: Registry): unknown {
  const line = ({ app, instanceId, status, port }: InstanceInfo): string =>
    `${app}/${instanceId} ${status} ${port.number}`
  const lines = (list: Iterable<InstanceInfo>): string[] => Array.from(list, line).sort()
  const { vips, secureVips, ids } = registry.data
  const groups = (index: typeof vips): unknown =>
    Object.fromEntries([...index.keys()].sort().map((key) => [key, lines(index.get(key)?.instances ?? [])]))
  return {
    all: lines([...registry.apps.values()].flatMap(({ all }) => all)),
    shown: lines([...registry.apps.values()].flatMap(({ instances }) => instances)),
    vips: groups(vips),
    secureVips: groups(secureVips),
    ids: Object.fromEntries([...ids].sort().map(([id, apps]) => [id, [...apps].sort()])),
    hash: registry.hash,
    size: registry.size,
  }
}

/** A Eureka server: what is registered, and the changes of late. */
export class ModelServer {
  private readonly known = new Map<string, InstanceInfo>()
  private recent = new Map<string, InstanceInfo>()

  get instances(): readonly InstanceInfo[] {
    return [...this.known.values()]
  }

  get hash(): string {
    return appsHash(countStatuses(this.instances.map(({ status }) => status)))
  }

  put(changed: InstanceInfo): void {
    const key = `${changed.app}/${changed.instanceId}`
    this.note(key, changed, this.known.has(key) ? 'MODIFIED' : 'ADDED')
    this.known.set(key, changed)
  }

  remove(app: string, instanceId: string): void {
    const key = `${app}/${instanceId}`
    const gone = this.known.get(key)
    if (gone === undefined) return
    this.known.delete(key)
    this.note(key, gone, 'DELETED')
  }

  setStatus(app: string, instanceId: string, status: InstanceStatus): void {
    const found = this.known.get(`${app}/${instanceId}`)
    if (found !== undefined) this.put({ ...found, status })
  }

  /** Forgets old changes, as a server does after three minutes. */
  forget(): void {
    this.recent = new Map()
  }

  full(): ReadApplications {
    return listed(this.instances, this.hash)
  }

  delta(): ReadApplications {
    return listed([...this.recent.values()], this.hash)
  }

  private note(key: string, changed: InstanceInfo, actionType: ActionType): void {
    this.recent.delete(key)
    this.recent.set(key, { ...changed, actionType })
  }
}
