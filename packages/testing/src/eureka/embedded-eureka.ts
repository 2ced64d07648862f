/**
 * A Eureka server in the process of the test: the behaviour of the real ones on the wire, over a real socket, with time
 * that can run faster, faults that can be switched, and a record of what it was asked.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { invalidArgument } from '@breakwater/kernel'
import type { InstanceStatus } from './core/instance-info.js'
import type { InstanceKey } from './core/registry.js'
import { pageRenderer, renderOne } from './core/render.js'
import { ServerState } from './core/server-state.js'
import type { ServerSettings } from './core/server-settings.js'
import { wireInstance } from './core/wire.js'
import type { WireObject } from './core/wire.js'
import { resolveEurekaOptions, resolveSettings } from './eureka-options.js'
import type { EmbeddedEurekaOptions, ResolvedEurekaOptions } from './eureka-options.js'
import { Exchange } from './exchange.js'
import { FaultSet } from './faults.js'
import type { ActiveFault, EurekaFault, FaultRoute } from './faults.js'
import { readHeldInstance } from './held-instance.js'
import type { EmbeddedInstance } from './held-instance.js'
import { Peers } from './peers.js'
import { RequestLog } from './request-log.js'
import type { RecordedRequest } from './request-log.js'
import { ServerTime } from './server-time.js'

const HOST = '127.0.0.1'
const PATHS = { netflix: '/eureka/v2/', spring: '/eureka/' } as const
/** How long the real servers keep idle connections. */
const IDLE_MS = { netflix: 30_000, spring: 60_000 } as const

/**
 * An embedded Eureka server on loopback. Its defaults suit tests: changes show up at once and expired leases leave within
 * half a second; `PRODUCTION_EUREKA` gives it the delays of real servers. What is not there: AWS' autoscaling groups, remote
 * regions, the rate limiter (a fault with status 503 stands for it), and registrations in XML (415).
 *
 * @example
 * ```ts
 * import { EmbeddedEureka } from '@breakwater/testing'
 *
 * const eureka = await EmbeddedEureka.start({ flavour: 'spring' })
 * eureka.register({ appName: 'users', port: 9001 })
 *
 * const answer = await fetch(`${eureka.url}vips/users`, { headers: { accept: 'application/json' } })
 * const { applications } = (await answer.json()) as { applications: { application: { name: string }[] } }
 * console.log(applications.application.map(({ name }) => name)) // [ 'USERS' ]
 * console.log(eureka.requests.map(({ route, status }) => `${route} ${status}`)) // [ 'vip 200' ]
 * await eureka.stop()
 * ```
 */
export class EmbeddedEureka {
  private readonly options: ResolvedEurekaOptions
  private readonly time: ServerTime
  private readonly faults = new FaultSet()
  private readonly log = new RequestLog()
  private readonly http: HttpServer
  private settings: ServerSettings
  private state: ServerState
  private readonly peers: Peers
  private port = 0

  private constructor(options: ResolvedEurekaOptions) {
    this.options = options
    this.settings = options.settings
    this.time = new ServerTime(options.clock, options.speed)
    this.state = this.newState()
    this.peers = new Peers(this.time, () => this.current())
    const { flavour, clock } = options
    const exchange = new Exchange({
      flavour,
      clock,
      time: this.time,
      faults: this.faults,
      log: this.log,
      serverNow: () => ({ state: this.state, render: renderOne, replicate: this.peers.tell }),
    })
    this.http = createServer({ keepAliveTimeout: IDLE_MS[flavour] }, (request, response) => {
      // What fails here is the connection: the client has gone.
      exchange.serve(request, response).catch(() => {
        response.destroy()
      })
    })
  }

  /**
   * Starts a server on 127.0.0.1. Rejects with `InvalidOptionsError` for bad options, and with the error of the system when
   * the port cannot be had.
   */
  static async start(options?: EmbeddedEurekaOptions): Promise<EmbeddedEureka> {
    const resolved = resolveEurekaOptions(options)
    const server = new EmbeddedEureka(resolved)
    await server.listen()
    server.setPeers(resolved.peers)
    return server
  }

  /** Starts two servers that tell each other every change, after half a second of their time. */
  static async startPair(options?: EmbeddedEurekaOptions): Promise<[EmbeddedEureka, EmbeddedEureka]> {
    const first = await EmbeddedEureka.start(options)
    const second = await EmbeddedEureka.start({ ...options, port: 0, peers: [first.url] })
    first.setPeers([second.url])
    return [first, second]
  }

  /** The base URL for clients, with a slash at its end: `…/eureka/v2/`, or `…/eureka/` for Spring. */
  get url(): string {
    return `http://${HOST}:${String(this.port)}${PATHS[this.options.flavour]}`
  }

  /** What the server was asked, oldest first; of more than 10 000 the oldest are forgotten. */
  get requests(): readonly RecordedRequest[] {
    return this.log.records
  }

  /** Every instance that is registered, in the form of an answer to `GET apps/{app}/{id}`. */
  get instances(): readonly WireObject[] {
    return this.current()
      .registry.all()
      .map((lease) => wireInstance(lease, 'full'))
  }

  /**
   * Puts an instance into the registry and returns its id. Without `leaseExpirationMs` it needs no heartbeats. Throws
   * `InvalidOptionsError`.
   */
  register(instance: EmbeddedInstance): string {
    const now = this.time.now()
    const { info, isHeld } = readHeldInstance(instance, now)
    this.current().registry.register(info, { now }, isHeld)
    this.peers.tell({ app: info.app, id: info.id, action: 'Register' })
    return info.id
  }

  /** Sets an override, as an operator does. Throws `InvalidOptionsError` when nobody has this id. */
  setStatus(instanceId: string, status: InstanceStatus): void {
    const key = this.keyOf('setStatus', instanceId)
    this.state.registry.setStatus(key, status, this.time.now())
    this.peers.tell({ ...key, action: 'StatusUpdate', status })
  }

  /** Removes an override; the instance is then `status`, default UNKNOWN, which makes its next heartbeat a 404. */
  removeOverride(instanceId: string, status: InstanceStatus = 'UNKNOWN'): void {
    const key = this.keyOf('removeOverride', instanceId)
    this.state.registry.removeOverride(key, status, this.time.now())
    this.peers.tell({ ...key, action: 'DeleteStatusOverride', status })
  }

  /** Removes an instance as if it had cancelled itself; `false` when nobody has this id. */
  cancel(instanceId: string): boolean {
    const key = this.current().registry.keyOfId(instanceId)
    if (key === undefined) return false
    this.state.registry.cancel(key, this.time.now())
    this.peers.tell({ ...key, action: 'Cancel' })
    return true
  }

  /**
   * Removes the instance with this id as the evictor does, on this server only; without an id, every instance whose lease
   * has expired, whatever self-preservation and the limit of 15 % say. Returns the ids of those that left.
   */
  evict(instanceId?: string): readonly string[] {
    const state = this.current()
    if (instanceId === undefined) return state.evict(this.time.now(), true).map(({ id }) => id)
    const key = this.current().registry.keyOfId(instanceId)
    return key !== undefined && state.registry.cancel(key, this.time.now()) ? [instanceId] : []
  }

  /** Makes answers go wrong from the next request on, for `count` requests or until healed. Throws `InvalidOptionsError`. */
  fault(on: FaultRoute, fault: EurekaFault): ActiveFault {
    return this.faults.add(on, fault)
  }

  /** Ends all faults. Requests that hang go on hanging. */
  heal(): void {
    this.faults.clear()
  }

  /** Changes settings of the running server; intervals change with the next `restart`. Throws `InvalidOptionsError`. */
  update(settings: Partial<ServerSettings>): void {
    this.settings = resolveSettings(settings, this.settings)
    this.current().settings = this.settings
  }

  /** Ends all connections and starts again on the same port, with an empty registry. Faults and records stay. */
  restart(): void {
    this.http.closeAllConnections()
    this.state = this.newState()
  }

  /** Passes changes on to these servers, by their base URLs, and to no others. */
  setPeers(urls: readonly string[]): void {
    this.peers.set(urls)
  }

  /** Forgets the recorded requests. */
  clearRequests(): void {
    this.log.clear()
  }

  /** Ends all connections and closes the port. May be called again. */
  async stop(): Promise<void> {
    this.setPeers([])
    const closed = new Promise((resolve) => this.http.close(resolve))
    this.http.closeAllConnections()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  private newState(): ServerState {
    const { settings, options, time } = this
    return new ServerState({
      startedAt: time.now(),
      settings,
      random: options.random,
      render: pageRenderer(options.flavour),
    })
  }

  /** The state, after what came due meanwhile. */
  private current(): ServerState {
    this.state.catchUp(this.time.now())
    return this.state
  }

  private keyOf(method: string, instanceId: string): InstanceKey {
    const key = this.current().registry.keyOfId(instanceId)
    if (key !== undefined) return key
    throw invalidArgument(`EmbeddedEureka.${method}`, {
      path: 'instanceId',
      received: instanceId,
      expected: 'the id of a registered instance',
    })
  }

  private async listen(): Promise<void> {
    this.http.listen(this.options.port, HOST)
    await once(this.http, 'listening')
    this.port = (this.http.address() as AddressInfo).port
  }
}
