/** Instances that a test puts into an embedded server itself, without a client. */
import { readOptions } from '@breakwater/kernel'
import { INSTANCE_STATUSES } from './core/instance-info.js'
import type { InstanceInfo, InstanceStatus } from './core/instance-info.js'

/** What `EmbeddedEureka.register` takes. Only the name of the application is needed. */
export interface EmbeddedInstance {
  readonly appName: string
  /** Default `{hostName}:{appName}:{port}`. */
  readonly instanceId?: string | undefined
  /** Default 127.0.0.1. */
  readonly hostName?: string | undefined
  /** Default 127.0.0.1. */
  readonly ipAddr?: string | undefined
  /** Default 80. */
  readonly port?: number | undefined
  /** Absent: none is enabled. */
  readonly securePort?: number | undefined
  /** Default UP. */
  readonly status?: InstanceStatus | undefined
  /** Default: the name of the application in lower case. */
  readonly vipAddress?: string | undefined
  /** Default: as `vipAddress`. */
  readonly secureVipAddress?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** The lease runs out unless it is renewed. Absent: the server keeps the instance until it is cancelled or evicted. */
  readonly leaseExpirationMs?: number | undefined
}

export interface HeldInstance {
  readonly info: InstanceInfo
  readonly isHeld: boolean
}

const KEYS = [
  'appName',
  'instanceId',
  'hostName',
  'ipAddr',
  'port',
  'securePort',
  'status',
  'vipAddress',
  'secureVipAddress',
  'metadata',
  'leaseExpirationMs',
] as const
const MAX_PORT = 65_535
const LOOPBACK = '127.0.0.1'
const MY_OWN = { class: 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' }

/** Completes an instance; `now` is the time of the server. */
export function readHeldInstance(given: EmbeddedInstance, now: number): HeldInstance {
  const read = readOptions('EmbeddedEureka.register', given, KEYS)
  const app = read.string('appName', '', { minLength: 1 })
  if (!read.has('appName')) read.issue('appName', undefined, 'a name')
  const hostName = read.string('hostName', LOOPBACK)
  const port = read.integer('port', 80, { min: 0, max: MAX_PORT })
  const securePort = read.integer('securePort', undefined, { min: 0, max: MAX_PORT })
  const vipAddress = read.string('vipAddress', app.toLowerCase())
  const durationMs = read.durationMs('leaseExpirationMs', undefined, { min: 1_000 })
  const id = read.string('instanceId', `${hostName}:${app.toLowerCase()}:${String(port)}`)
  const texts = {
    instanceId: id,
    homePageUrl: `http://${hostName}:${String(port)}/`,
    statusPageUrl: `http://${hostName}:${String(port)}/info`,
    healthCheckUrl: `http://${hostName}:${String(port)}/health`,
    vipAddress,
    secureVipAddress: read.string('secureVipAddress', vipAddress),
  }
  const info: InstanceInfo = {
    id,
    app: app.toUpperCase(),
    hostName,
    ipAddr: read.string('ipAddr', LOOPBACK),
    status: read.oneOf('status', 'UP', INSTANCE_STATUSES),
    overriddenStatus: 'UNKNOWN',
    port: { number: port, enabled: true },
    securePort: { number: securePort ?? 443, enabled: securePort !== undefined },
    dataCenterInfo: MY_OWN,
    renewalIntervalSecs: 30,
    durationSecs: durationMs === undefined ? 90 : Math.round(durationMs / 1_000),
    metadata: { ...read.custom<Record<string, string>, Record<string, string>>('metadata', {}, mapOfTexts) },
    texts,
    isCoordinator: false,
    lastDirtyTimestamp: now,
    lastUpdatedTimestamp: now,
    actionType: 'ADDED',
  }
  read.finish()
  return { info, isHeld: durationMs === undefined }
}

function mapOfTexts(value: unknown): string | undefined {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMap && Object.values(value).every((entry) => typeof entry === 'string')
    ? undefined
    : 'a map of texts'
}
