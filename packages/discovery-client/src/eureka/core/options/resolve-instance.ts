/** Checks what a service says about itself, and makes of it the instance to register. */
import type { OptionReader } from '@breakwater/kernel'
import type { InstanceStatus } from '../../../instance.js'
import { INSTANCE_STATUSES } from '../model/instance-info.js'
import type { DataCenterInfo, InstanceInfo } from '../model/instance-info.js'
import { hostInUrl, readHost, readIpAddress } from '../wire/host.js'
import { isJsonObject, ownValue, readHttpUrl, readText } from '../wire/read-values.js'
import { faultOfName } from '../wire/requests.js'
import type { InstanceConfig, LocalAddress } from './instance-config.js'
import { INSTANCE_ROWS } from './instance-rows.js'
import { checkMetadata, copyTexts, readTextMap } from './text-maps.js'

/** An instance to register, checked; what depends on the machine is still open. */
export interface ResolvedInstance {
  readonly appName: string
  readonly instanceId: string | undefined
  readonly hostName: string | undefined
  readonly ipAddr: string | undefined
  readonly preferIpAddress: boolean
  readonly port: number
  readonly portEnabled: boolean
  readonly securePort: number
  readonly securePortEnabled: boolean
  readonly vipAddress: string | null
  readonly secureVipAddress: string | null
  readonly status: InstanceStatus
  readonly metadata: Readonly<Record<string, string>>
  readonly leaseRenewalIntervalMs: number
  readonly leaseExpirationMs: number
  readonly homePageUrl: string
  readonly statusPageUrl: string
  readonly healthCheckUrl: string
  readonly secureHealthCheckUrl: string | undefined
  readonly appGroupName: string | undefined
  readonly asgName: string | undefined
  readonly dataCenterInfo: DataCenterInfo
}

type Key = keyof InstanceConfig

/** Every known setting of an instance. */
export const INSTANCE_KEYS: readonly Key[] = Object.keys(INSTANCE_ROWS) as Key[]

const MAX_NAME_LENGTH = 256
const MAX_LEASE_MS = 2 ** 31 - 1
/** Not all ids that Eureka takes: Tomcat registers one with a slash, but can neither renew nor cancel it. */
const MAX_ID_LENGTH = 512
const PORT_RANGE = { min: 0, max: 65_535 }
const PATH = /^\/(?!\/)[^\s\\]*$/

/** Reads and checks; faults go to `read`. */
export function readInstanceConfig(read: OptionReader<Key>): ResolvedInstance {
  const name = (value: unknown): string | undefined =>
    readText(value, MAX_NAME_LENGTH) === undefined ? 'a name' : faultOfName(String(value))
  if (!read.has('appName')) read.issue('appName', undefined, 'the name of the service')
  const appName = read.custom<string, string>('appName', '', name)
  const renewalMs = read.durationMs('leaseRenewalIntervalMs', 30_000, { min: 10 })
  const resolved: ResolvedInstance = {
    appName,
    instanceId: read.custom<string, undefined>('instanceId', undefined, checkId),
    hostName: read.custom<string, undefined>('hostName', undefined, (value) =>
      readHost(value) === undefined ? 'a host name or IP address' : undefined,
    ),
    ipAddr: read.custom<string, undefined>('ipAddr', undefined, (value) =>
      readIpAddress(value) === undefined ? 'an IP address' : undefined,
    ),
    preferIpAddress: read.boolean('preferIpAddress', false),
    port: read.integer('port', 80, PORT_RANGE),
    portEnabled: read.boolean('portEnabled', true),
    securePort: read.integer('securePort', 443, PORT_RANGE),
    securePortEnabled: read.boolean('securePortEnabled', read.has('securePort')),
    ...readVips(read, appName),
    status: read.oneOf('status', 'UP', INSTANCE_STATUSES),
    metadata: readTextMap(read, 'metadata', checkMetadata),
    leaseRenewalIntervalMs: renewalMs,
    leaseExpirationMs: read.durationMs('leaseExpirationMs', Math.min(3 * renewalMs, MAX_LEASE_MS), {
      min: renewalMs,
    }),
    ...readUrls(read),
    appGroupName: read.custom<string, undefined>('appGroupName', undefined, name),
    asgName: read.custom<string, undefined>('asgName', undefined, name),
    dataCenterInfo: readDataCenterOption(read),
  }
  return Object.freeze(resolved)
}

/** The instance to register, on this machine. It has no stamps yet. */
export function instanceInfoOf(config: ResolvedInstance, local: LocalAddress): InstanceInfo {
  const ipAddr = config.ipAddr ?? local.ipAddr
  const named = config.hostName ?? readHost(local.hostName) ?? ipAddr
  const hostName = config.preferIpAddress ? ipAddr : named
  const { port, portEnabled, securePort, securePortEnabled } = config
  const plain = { hostName, port, scheme: 'http' } as const
  const secure = { hostName, port: securePort, scheme: 'https' } as const
  const main = portEnabled || !securePortEnabled ? plain : secure
  const securePath = config.secureHealthCheckUrl ?? (securePortEnabled ? config.healthCheckUrl : undefined)
  return Object.freeze({
    instanceId: config.instanceId ?? defaultId(config, hostName),
    app: config.appName.toUpperCase(),
    hostName,
    ipAddr,
    status: config.status,
    overriddenStatus: 'UNKNOWN',
    port: Object.freeze({ number: port, enabled: portEnabled }),
    securePort: Object.freeze({ number: securePort, enabled: securePortEnabled }),
    dataCenterInfo: config.dataCenterInfo,
    metadata: config.metadata,
    leaseInfo: Object.freeze({
      renewalIntervalMs: config.leaseRenewalIntervalMs,
      durationMs: config.leaseExpirationMs,
    }),
    isCoordinatingDiscoveryServer: false,
    homePageUrl: urlOf(config.homePageUrl, main),
    statusPageUrl: urlOf(config.statusPageUrl, main),
    healthCheckUrl: urlOf(config.healthCheckUrl, main),
    ...(securePath === undefined ? {} : { secureHealthCheckUrl: urlOf(securePath, secure) }),
    ...(config.vipAddress === null ? {} : { vipAddress: config.vipAddress }),
    ...(config.secureVipAddress === null ? {} : { secureVipAddress: config.secureVipAddress }),
    ...(config.appGroupName === undefined ? {} : { appGroupName: config.appGroupName }),
    ...(config.asgName === undefined ? {} : { asgName: config.asgName }),
  })
}

/** Amazon's id for the machine, else Spring's form: two services on one machine must not take each other's place. */
function defaultId(config: ResolvedInstance, hostName: string): string {
  const { dataCenterInfo, appName, portEnabled, port, securePort } = config
  const amazon = dataCenterInfo.name === 'Amazon' ? dataCenterInfo.metadata['instance-id'] : undefined
  return amazon ?? `${hostName}:${appName.toLowerCase()}:${portEnabled ? port : securePort}`
}

function urlOf(
  template: string,
  host: { readonly hostName: string; readonly port: number; readonly scheme: 'http' | 'https' },
): string {
  const hostName = hostInUrl(host.hostName)
  if (template.startsWith('/')) return `${host.scheme}://${hostName}:${host.port}${template}`
  return template.replaceAll(/\$\{(?:eureka\.)?hostname\}/g, () => hostName)
}

function readVips(
  read: OptionReader<Key>,
  appName: string,
): Pick<ResolvedInstance, 'vipAddress' | 'secureVipAddress'> {
  const check = (value: unknown): string | undefined =>
    value === null || readText(value, 4_096) !== undefined ? undefined : 'names separated by commas, or null'
  const vip = appName.toLowerCase()
  return {
    vipAddress: read.custom<string | null, string>('vipAddress', vip, check),
    secureVipAddress: read.custom<string | null, string>('secureVipAddress', vip, check),
  }
}

function readUrls(
  read: OptionReader<Key>,
): Pick<ResolvedInstance, 'homePageUrl' | 'statusPageUrl' | 'healthCheckUrl' | 'secureHealthCheckUrl'> {
  const check = (value: unknown): string | undefined => {
    const text = readText(value, 1_024)
    const isUrl = text !== undefined && (PATH.test(text) || readHttpUrl(text) !== undefined)
    return isUrl ? undefined : 'a path that begins with one slash, or an http or https URL'
  }
  return {
    homePageUrl: read.custom<string, string>('homePageUrl', '/', check),
    statusPageUrl: read.custom<string, string>('statusPageUrl', '/info', check),
    healthCheckUrl: read.custom<string, string>('healthCheckUrl', '/health', check),
    secureHealthCheckUrl: read.custom<string, undefined>('secureHealthCheckUrl', undefined, check),
  }
}

function readDataCenterOption(read: OptionReader<Key>): DataCenterInfo {
  const given = read.custom<DataCenterInfo, DataCenterInfo>('dataCenterInfo', { name: 'MyOwn' }, (value) => {
    const name = isJsonObject(value) ? ownValue(value, 'name') : undefined
    if (name === 'MyOwn' || name === 'Netflix') return undefined
    const metadata = isJsonObject(value) ? ownValue(value, 'metadata') : undefined
    const isAmazon = name === 'Amazon' && checkMetadata(metadata) === undefined
    return isAmazon ? undefined : "{ name: 'MyOwn' }, or { name: 'Amazon', metadata }"
  })
  return given.name === 'Amazon'
    ? Object.freeze({ name: given.name, metadata: copyTexts(given.metadata) })
    : Object.freeze({ name: given.name })
}

function checkId(value: unknown): string | undefined {
  const text = readText(value, MAX_ID_LENGTH)
  return text === undefined ? `a text of 1 to ${MAX_ID_LENGTH} printable characters` : faultOfName(text)
}
