// What a scenario works with: the server, names of its own, time, and a record of what it has to take away again.
import { Wire } from './wire.ts'
import type { Fields } from './wire.ts'

export type Flavour = 'netflix' | 'spring'

export interface LabOptions {
  readonly url: string
  readonly flavour: Flavour
  /** Another server that takes part in replication. */
  readonly peerUrl?: string | undefined
  /** Makes names unique among runs. */
  readonly run: string
  /** How long a change may take to be seen everywhere. */
  readonly settleMs: number
  readonly pause: (ms: number) => Promise<void>
}

const POLL_MS = 50

export class Lab {
  readonly wire: Wire
  readonly peer: Wire | undefined
  readonly flavour: Flavour
  private readonly options: LabOptions
  private readonly registered = new Set<string>()
  private stamps = 1_000

  constructor(options: LabOptions) {
    this.options = options
    this.flavour = options.flavour
    this.wire = new Wire(options.url)
    this.peer = options.peerUrl === undefined ? undefined : new Wire(options.peerUrl)
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

  pause(ms: number): Promise<void> {
    return this.options.pause(ms)
  }

  /** Waits until `check` holds, as long as pages of servers may be old. Rejects with the last failure. */
  async eventually(check: () => Promise<void>, withinMs: number = this.options.settleMs): Promise<void> {
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
    for (const path of this.registered) await this.wire.ask('DELETE', path).catch(() => undefined)
    this.wire.close()
    this.peer?.close()
  }
}

/** The path of an instance, encoded once. */
export function pathOf(app: string, id: string): string {
  return `apps/${encodeURIComponent(app)}/${encodeURIComponent(id)}`
}
