/**
 * The face of the Eureka client: lookups, the own instance, events. What happens behind it is in `lifecycle.ts`.
 */
import { Emitter, invalidArgument, NoInstancesError } from '@breakwater/kernel'
import type { Listener } from '@breakwater/kernel'
import type { Instance, InstanceSource, InstanceStatus, Snapshot } from '../../instance.js'
import { INSTANCE_STATUSES, isInstanceStatus } from '../core/model/instance-info.js'
import type { InstanceInfo } from '../core/model/instance-info.js'
import type { EurekaClientOptions } from '../core/options/client-options.js'
import { resolveEurekaOptions } from '../core/options/resolve-client.js'
import { stoppedError } from '../../transport/registry-errors.js'
import type { Registry } from '../core/registry/registry.js'
import { EurekaApi } from './eureka-api.js'
import type { EurekaEvents } from './events.js'
import { Lifecycle } from './lifecycle.js'
import type { MetadataChange } from './local-instance.js'
import { checkMetadataChange } from './metadata-change.js'
import type { OwnInstance } from './own-instance.js'

/** Which list a lookup by VIP means. */
export interface VipLookup {
  /** By secure VIP. Default `false`. */
  readonly secure?: boolean | undefined
  /** Of this region. Default: our own. */
  readonly region?: string | undefined
}

const NOBODY: readonly InstanceInfo[] = Object.freeze([])

/**
 * Registers a service with Eureka and finds others.
 *
 * Lookups answer at once, from the local registry, and none but `nextServer` throws for what is a name: before the first fetch, and
 * for services that nobody registered, lists are empty. While no server answers, the last good registry stays, and `registryAgeMs` grows.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { EurekaClient } from '@breakwater/discovery-client'
 * import { EmbeddedEureka } from '@breakwater/testing'
 *
 * const eureka = await EmbeddedEureka.start()
 * const client = new EurekaClient({
 *   serviceUrls: [eureka.url],
 *   instance: { appName: 'users', hostName: '127.0.0.1', port: 9001 },
 * })
 * await client.start()
 *
 * await client.refresh()
 * console.log(client.instances('users').map(({ host, port }) => `${host}:${port}`)) // [ '127.0.0.1:9001' ]
 *
 * await client.stop() // cancels the registration
 * await eureka.stop()
 * ```
 */
export class EurekaClient implements InstanceSource {
  /** Single operations on the registry, for tools and operators. */
  readonly api: EurekaApi
  private readonly events = new Emitter<EurekaEvents>('EurekaClient')
  /** Holds keys and credentials: out of reach, so that nobody prints them with the client. */
  readonly #life: Lifecycle
  private readonly turns = new Map<string, number>()

  constructor(options: EurekaClientOptions) {
    const resolved = resolveEurekaOptions(options)
    this.#life = new Lifecycle(resolved, this.events)
    const { clock, transport } = this.#life
    this.api = new EurekaApi({ clock, transport, limits: resolved.limits })
  }

  /**
   * Registers and fetches at once, and goes on with both. Resolves when the first try of each has ended, even without
   * success: the client keeps trying. Rejects when an `enforce…` option asks for more, when the `preRegistrationHandler`
   * throws, or with `ERR_REGISTRY_STOPPED`; the client is stopped then. Calling it again changes nothing. A client that was
   * stopped does not start again: make another one.
   */
  start(): Promise<void> {
    return this.#life.start()
  }

  /**
   * Cancels the registration, closes every socket and ends every timer, within `stopTimeoutMs`. Never rejects; calling it
   * again changes nothing. A stopped client cannot be started again.
   */
  async stop(): Promise<void> {
    await this.#life.stop()
    this.dropAll()
  }

  /**
   * Resolves when the instance was registered and the registry fetched; rejects when the client is stopped before. Until then, who
   * has asked for it keeps the process alive, if the client was started.
   */
  get ready(): Promise<void> {
    return this.#life.ready
  }

  /** Whether `ready` has resolved. */
  get isReady(): boolean {
    return this.#life.isReady
  }

  /** Milliseconds since a server last confirmed or changed the registry; `Infinity` before the first time. */
  get registryAgeMs(): number {
    return ageOf(this.#life.fetcher.updatedAt, this.#life)
  }

  /** Milliseconds since a server last took a registration or heartbeat; `Infinity` before the first time. */
  get heartbeatAgeMs(): number {
    return ageOf(this.#life.own?.registration.goodAt, this.#life)
  }

  /** Our own instance as it is registered next; `undefined` when the client only reads. */
  get self(): InstanceInfo | undefined {
    return this.#life.own?.info
  }

  /** What the registry says about our own instance; `UNKNOWN` when it does not know it (yet). */
  get remoteStatus(): InstanceStatus {
    return this.#life.poll.ownStatus
  }

  /** Addresses of a service, by VIP, else by secure VIP, else by application name, without case. */
  instances(service: string): readonly Instance[] {
    return this.#life.lists.instances(service)
  }

  /** The instances of an application in Eureka's words. */
  app(name: string): readonly InstanceInfo[] {
    return this.#life.poll.registry.app(name)?.instances ?? NOBODY
  }

  /** The instances with a VIP in Eureka's words. */
  vip(name: string, { secure = false, region }: VipLookup = {}): readonly InstanceInfo[] {
    const registry = this.registryOf(region)
    if (registry === undefined) return NOBODY
    return secure ? registry.secureVip(name) : registry.vip(name)
  }

  /** The instances of an application that have a VIP. */
  vipOfApp(vip: string, app: string, secure = false): readonly InstanceInfo[] {
    return this.#life.poll.registry.vipOfApp(vip, app, secure)
  }

  /** One instance by its id, in any status. Ids are unique within an application only: the first one found. */
  instance(id: string): InstanceInfo | undefined {
    return this.#life.poll.registry.byId(id)[0]
  }

  /** Names of all applications with an instance that lookups show. */
  services(): readonly string[] {
    return this.#life.poll.registry.services()
  }

  /** The instances with a VIP in turn, one at each call. Throws `NoInstancesError` when there is none. */
  nextServer(vip: string, secure = false): InstanceInfo {
    const list = this.vip(vip, { secure })
    const key = `${String(secure)} ${vip.toUpperCase()}`
    const turn = (this.turns.get(key) ?? -1) + 1
    const next = list[turn % list.length]
    if (next === undefined) throw new NoInstancesError(`${vip}: no instance has this VIP`)
    this.turns.set(key, turn)
    return next
  }

  /** All that is known of a region, as one immutable picture; of our own without `region`. */
  registryOf(region?: string): Registry | undefined {
    return region === undefined ? this.#life.poll.registry : this.#life.fetcher.registries.get(region)
  }

  /**
   * Fetches now. Resolves when the fetch has ended, however; failures are told by the event `error`. Before the start, after the stop and
   * with `fetchRegistry: false` nothing is fetched.
   */
  refresh(): Promise<void> {
    return this.#life.poll.refresh()
  }

  /**
   * Changes the status of our own instance. Going out of service and coming back are overrides of their own at the server;
   * then the promise resolves when a server was told, or could not be told for now, as the event `error` says. All changes
   * are sent at once, within a limit of rate, and again until a server took them. Of a client that was stopped nobody would
   * be told: it rejects with `ERR_REGISTRY_STOPPED`.
   *
   * @throws InvalidOptionsError for what is no status, and when there is no instance to register
   */
  async setStatus(status: InstanceStatus): Promise<void> {
    if (!isInstanceStatus(status)) {
      const expected = `one of ${INSTANCE_STATUSES.join(', ')}`
      throw invalidArgument('EurekaClient.setStatus', { path: 'status', received: status, expected })
    }
    const own = this.ownInstance('setStatus')
    if (this.#life.isStopped) throw stoppedError()
    await own.setStatus(status)
  }

  /**
   * Adds metadata to our own instance; `undefined` removes an entry. It is registered at once, within a limit of rate.
   *
   * @throws InvalidOptionsError for what cannot be registered, for more than 64 entries in all, and when there is no instance to register
   */
  updateMetadata(change: MetadataChange): void {
    const own = this.ownInstance('updateMetadata')
    own.updateMetadata(checkMetadataChange(change, own.info.metadata))
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof EurekaEvents>(event: E, listener: Listener<EurekaEvents[E]>): () => void {
    return this.events.on(event, listener)
  }

  snapshot(service: string): Snapshot | undefined {
    return this.#life.lists.snapshot(service)
  }

  watch(service: string, listener: (snapshot: Snapshot) => void): () => void {
    return this.#life.lists.watch(service, listener)
  }

  /** As `stop()`, without waiting for it. */
  dispose(): void {
    void this.stop()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  private ownInstance(method: string): OwnInstance {
    const { own } = this.#life
    if (own !== undefined) return own
    const expected = 'a client with an instance to register'
    throw invalidArgument(`EurekaClient.${method}`, { path: 'instance', received: undefined, expected })
  }

  private dropAll(): void {
    this.events.clear()
    this.turns.clear()
  }
}

function ageOf(at: number | undefined, { clock }: Lifecycle): number {
  return at === undefined ? Infinity : clock.now() - at
}
