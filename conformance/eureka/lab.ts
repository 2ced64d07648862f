// What a scenario works with: the server, names of its own, time, clients and proxies, and a record of what it has to take
// away again.
import { EurekaClient } from '@breakwater/discovery-client'
import type { EurekaClientOptions, InstanceConfig } from '@breakwater/discovery-client'
import { FaultProxy } from '@breakwater/testing'
import { JavaClient } from '../../servers/eureka/java-client.ts'
import type { JavaClientOptions } from '../../servers/eureka/java-client.ts'
import { Gateway } from './gateway.ts'
import type { GatewayOptions } from './gateway.ts'
import type { OwnServer, ServerWishes, StartServer } from './servers.ts'
import { Wire } from './wire.ts'
import type { Fields } from './wire.ts'

export type Flavour = 'netflix' | 'spring'

/** The server under test, where it is ours. */
export interface Control {
  readonly server: OwnServer
  readonly start: StartServer
}

export interface LabOptions {
  readonly url: string
  readonly flavour: Flavour
  /** How our client reaches the server, where `url` is a bridge to it. */
  readonly direct?: Pick<EurekaClientOptions, 'tls'> & { readonly url: string }
  /** Another server that takes part in replication. */
  readonly peerUrl?: string | undefined
  readonly control?: Control | undefined
  /** Makes names unique among runs. */
  readonly run: string
  /** How long a change may take to be seen everywhere. */
  readonly settleMs: number
  /** How long random changes go on where clients are compared. */
  readonly soakMs?: number | undefined
  readonly pause: (ms: number) => Promise<void>
}

const POLL_MS = 50
const SOAK_MS = 15_000
/** Longer than any scenario: what happens at fixed times happens when a scenario says so. */
const FAR_MS = 600_000
/** However busy the machine is, whoever stops has left. */
const STOP_MS = 20_000

export class Lab {
  readonly wire: Wire
  readonly peer: Wire | undefined
  readonly url: string
  readonly flavour: Flavour
  readonly soakMs: number
  private readonly options: LabOptions
  private readonly registered = new Set<string>()
  private readonly running: { stop(): Promise<unknown> }[] = []
  private stamps = 1_000

  constructor(options: LabOptions) {
    this.options = options
    this.url = options.url
    this.flavour = options.flavour
    this.soakMs = options.soakMs ?? SOAK_MS
    this.wire = new Wire(options.url)
    this.peer = options.peerUrl === undefined ? undefined : new Wire(options.peerUrl)
  }

  /** The server under test, to be ended and started again. */
  get control(): Control {
    if (this.options.control === undefined) throw new Error('this scenario needs control of the server')
    return this.options.control
  }

  /** A name that no other run uses. */
  name(of: string): string {
    return `BW-${this.options.run}-${of}`.toUpperCase()
  }

  /** A registration with every field that it needs, and a dirty stamp above all before. */
  instance(app: string, fields: Fields = {}): Fields {
    this.stamps += 1
    return {
      instanceId: `${app}-1`,
      hostName: '127.0.0.1',
      app,
      ipAddr: '127.0.0.1',
      status: 'UP',
      port: { $: 9001, '@enabled': 'true' },
      securePort: { $: 9443, '@enabled': 'false' },
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 },
      metadata: { from: 'conformance' },
      vipAddress: app.toLowerCase(),
      lastDirtyTimestamp: String(this.stamps),
      ...fields,
    }
  }

  /** Registers, and answers the status. */
  register(app: string, fields: Fields = {}, wire: Wire = this.wire): Promise<number> {
    const instance = this.instance(app, fields)
    this.registered.add(pathOf(app, String(instance['instanceId'])))
    return wire.status('POST', `apps/${encodeURIComponent(app)}`, {
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: { instance },
    })
  }

  /** A client of ours that does nothing by itself but keep its lease, stopped with the lab. */
  client(options: EurekaClientOptions = {}): EurekaClient {
    const { url = this.url, tls } = this.options.direct ?? {}
    return this.keep(
      new EurekaClient({
        serviceUrls: [url],
        tls,
        registryFetchIntervalMs: FAR_MS,
        stopTimeoutMs: STOP_MS,
        ...options,
      }),
    )
  }

  /** A client that registers `<app>-1`, and does not fetch. */
  registrant(
    app: string,
    instance: Partial<InstanceConfig> = {},
    options?: EurekaClientOptions,
  ): EurekaClient {
    const own = {
      appName: app,
      instanceId: `${app}-1`,
      hostName: '127.0.0.1',
      ipAddr: '127.0.0.1',
      port: 9_001,
    }
    return this.client({ fetchRegistry: false, ...options, instance: { ...own, ...instance } })
  }

  /** A faulty network before a server, by default the one under test. */
  async proxy(target: string = this.url): Promise<FaultProxy> {
    return this.keep(await FaultProxy.start({ target }))
  }

  async gateway(options: Partial<GatewayOptions> = {}): Promise<Gateway> {
    return this.keep(await Gateway.start({ target: this.url, ...options }))
  }

  /** Netflix's own client. */
  async java(options: Omit<JavaClientOptions, 'servers'>): Promise<JavaClient> {
    return this.keep(await JavaClient.start({ servers: [this.url], ...options }))
  }

  /** One more server of the kind under test. */
  async server(wishes?: ServerWishes): Promise<OwnServer> {
    return this.keep(await this.control.start(wishes))
  }

  /** Ends it with the lab, in the reverse of the order in which things came. */
  keep<T extends { stop(): Promise<unknown> }>(it: T): T {
    this.running.push(it)
    return it
  }

  pause(ms: number): Promise<void> {
    return this.options.pause(ms)
  }

  /** Waits until `check` holds, as long as pages of servers may be old. Rejects with the last failure. */
  async eventually(check: () => unknown, withinMs: number = this.options.settleMs): Promise<void> {
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      try {
        await check()
        return
      } catch (error) {
        if (waitedMs >= withinMs) throw error
      }
      await this.pause(POLL_MS)
    }
  }

  /** Takes away what the scenario has left. */
  async close(): Promise<void> {
    for (const one of this.running.reverse()) await one.stop().catch(() => undefined)
    for (const path of this.registered) await this.wire.ask('DELETE', path).catch(() => undefined)
    this.wire.close()
    this.peer?.close()
  }
}

/** The path of an instance, encoded once. */
export function pathOf(app: string, id: string): string {
  return `apps/${encodeURIComponent(app)}/${encodeURIComponent(id)}`
}
