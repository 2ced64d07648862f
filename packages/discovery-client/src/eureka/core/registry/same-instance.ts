/**
 * Whether two readings of an instance say the same. Overlapping deltas and full fetches repeat what is known; keeping the known
 * object then tells everybody behind it, by identity, that there is nothing to do.
 */
import type { DataCenterInfo, InstanceInfo, PortInfo } from '../model/instance-info.js'

/** Compared by `===`. The lease is not compared: its stamps change with heartbeats, and lists show them late anyhow. */
const PLAIN_FIELDS = [
  'instanceId',
  'app',
  'hostName',
  'ipAddr',
  'status',
  'overriddenStatus',
  'lastUpdatedTimestamp',
  'lastDirtyTimestamp',
  'vipAddress',
  'secureVipAddress',
  'appGroupName',
  'asgName',
  'sid',
  'countryId',
  'homePageUrl',
  'statusPageUrl',
  'healthCheckUrl',
  'secureHealthCheckUrl',
  'isCoordinatingDiscoveryServer',
] as const

/** Whether both describe the same state of the same instance; `actionType` and lease stamps are left out of account. */
export function isSameInstance(left: InstanceInfo, right: InstanceInfo): boolean {
  return (
    PLAIN_FIELDS.every((field) => left[field] === right[field]) &&
    isSamePort(left.port, right.port) &&
    isSamePort(left.securePort, right.securePort) &&
    isSameLease(left, right) &&
    isSameDataCenter(left.dataCenterInfo, right.dataCenterInfo) &&
    haveSameTexts(left.metadata, right.metadata)
  )
}

/** The names of the fields in which they differ, by the same measure. */
export function differingFields(left: InstanceInfo, right: InstanceInfo): readonly string[] {
  const isSame: Readonly<Record<string, boolean>> = {
    port: isSamePort(left.port, right.port),
    securePort: isSamePort(left.securePort, right.securePort),
    leaseInfo: isSameLease(left, right),
    dataCenterInfo: isSameDataCenter(left.dataCenterInfo, right.dataCenterInfo),
    metadata: haveSameTexts(left.metadata, right.metadata),
  }
  return [
    ...PLAIN_FIELDS.filter((field) => left[field] !== right[field]),
    ...Object.keys(isSame).filter((field) => isSame[field] === false),
  ]
}

/** Whether both lists hold the same objects in the same order. */
export function haveSameItems<T>(left: readonly T[], right: readonly T[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index])
}

type Texts = Readonly<Record<string, string>>

function haveSameTexts(left: Texts, right: Texts): boolean {
  if (left === right) return true
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key])
}

function isSameLease({ leaseInfo: left }: InstanceInfo, { leaseInfo: right }: InstanceInfo): boolean {
  return left?.durationMs === right?.durationMs && left?.renewalIntervalMs === right?.renewalIntervalMs
}

function isSamePort(left: PortInfo, right: PortInfo): boolean {
  return left.number === right.number && left.enabled === right.enabled
}

function isSameDataCenter(left: DataCenterInfo, right: DataCenterInfo): boolean {
  if (left.name !== 'Amazon' || right.name !== 'Amazon') return left.name === right.name
  return haveSameTexts(left.metadata, right.metadata)
}
