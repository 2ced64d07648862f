/** An instance of Eureka as balancers see it. */
import type { Instance } from '../../../instance.js'
import { zoneOf } from '../model/instance-info.js'
import type { InstanceInfo } from '../model/instance-info.js'

/** How to address instances. */
export interface AddressOptions {
  /** Prefer the IP address to the host name. Default `false`. */
  readonly useIp?: boolean
  /** Use the secure port where it is open. Default: only where the other one is not, or for lookups by secure VIP. */
  readonly preferSecure?: boolean
}

const WEIGHT = /^\d{1,6}(?:\.\d{1,6})?$/
const DEFAULT_WEIGHT = 1

/** The instance's address, zone and weight; `undefined` while it has no open port (one that starts may say 0). */
export function toInstance(info: InstanceInfo, options: AddressOptions = {}): Instance | undefined {
  const { useIp = false, preferSecure = false } = options
  const plain = openPort(info.port)
  const secure = openPort(info.securePort)
  const isSecure = secure !== undefined && (preferSecure || plain === undefined)
  const port = isSecure ? secure : plain
  if (port === undefined) return undefined
  const zone = zoneOf(info)
  return Object.freeze({
    id: info.instanceId,
    host: useIp && info.ipAddr !== '' ? info.ipAddr : info.hostName,
    port,
    secure: isSecure,
    ...(zone === undefined ? {} : { zone }),
    status: info.status,
    metadata: info.metadata,
    weight: weightOf(info.metadata['weight']),
  })
}

function openPort({ number, enabled }: InstanceInfo['port']): number | undefined {
  return enabled && number > 0 ? number : undefined
}

/** `metadata.weight`, as Spring Cloud LoadBalancer reads it; text that is no number weighs 1. */
function weightOf(text: string | undefined): number {
  return text !== undefined && WEIGHT.test(text) ? Number(text) : DEFAULT_WEIGHT
}
