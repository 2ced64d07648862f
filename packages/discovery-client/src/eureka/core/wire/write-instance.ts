/**
 * The body of a registration, in exactly the shapes that the servers' hand-written parser takes: ports as objects with a text
 * flag, the data center with its Java class, stamps as texts, and no field that the parser does not know (an unknown object
 * would make it lose all that follows).
 */
import type { DataCenterInfo, InstanceInfo, LeaseInfo, PortInfo } from '../model/instance-info.js'

/** A port on the wire. */
interface WirePort {
  readonly $: number
  readonly '@enabled': 'true' | 'false'
}

/** What `POST apps/{APP}` takes, ready for `JSON.stringify`. */
export interface WireRegistration {
  readonly instance: Readonly<Record<string, unknown>>
}

const CLASSES = {
  MyOwn: 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
  Netflix: 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo',
  Amazon: 'com.netflix.appinfo.AmazonInfo',
} as const
const DEFAULT_COUNTRY_ID = 1

/** The registration of `info`. Absent fields are left out; ports, lease and data center are always there. */
export function writeRegistration(info: InstanceInfo): WireRegistration {
  return {
    instance: {
      instanceId: info.instanceId,
      hostName: info.hostName,
      app: info.app,
      ipAddr: info.ipAddr,
      status: info.status,
      overriddenStatus: info.overriddenStatus,
      port: writePort(info.port),
      securePort: writePort(info.securePort),
      countryId: info.countryId ?? DEFAULT_COUNTRY_ID,
      dataCenterInfo: writeDataCenter(info.dataCenterInfo),
      ...(info.leaseInfo === undefined ? {} : { leaseInfo: writeLease(info.leaseInfo) }),
      metadata: { ...info.metadata },
      ...textsOf(info),
      isCoordinatingDiscoveryServer: String(info.isCoordinatingDiscoveryServer),
      ...stampsOf(info),
      ...(info.actionType === undefined ? {} : { actionType: info.actionType }),
    },
  }
}

function writePort({ number, enabled }: PortInfo): WirePort {
  return { $: number, '@enabled': enabled ? 'true' : 'false' }
}

function writeDataCenter(info: DataCenterInfo): Readonly<Record<string, unknown>> {
  const base = { '@class': CLASSES[info.name], name: info.name }
  return info.name === 'Amazon' ? { ...base, metadata: { ...info.metadata } } : base
}

/** Eureka counts in whole seconds; a part of one becomes a whole, so that no lease ends earlier than asked. */
function writeLease({
  renewalIntervalMs,
  durationMs,
  ...stamps
}: LeaseInfo): Readonly<Record<string, number>> {
  return {
    renewalIntervalInSecs: Math.ceil(renewalIntervalMs / 1_000),
    durationInSecs: Math.ceil(durationMs / 1_000),
    ...stamps,
  }
}

const TEXT_FIELDS = [
  'homePageUrl',
  'statusPageUrl',
  'healthCheckUrl',
  'secureHealthCheckUrl',
  'vipAddress',
  'secureVipAddress',
  'appGroupName',
  'asgName',
  'sid',
] as const

function textsOf(info: InstanceInfo): Readonly<Record<string, string>> {
  return Object.fromEntries(
    TEXT_FIELDS.flatMap((key) => {
      const text = info[key]
      return text === undefined ? [] : [[key, text]]
    }),
  )
}

function stampsOf({
  lastUpdatedTimestamp,
  lastDirtyTimestamp,
}: InstanceInfo): Readonly<Record<string, string>> {
  return {
    ...(lastUpdatedTimestamp === undefined ? {} : { lastUpdatedTimestamp: String(lastUpdatedTimestamp) }),
    ...(lastDirtyTimestamp === undefined ? {} : { lastDirtyTimestamp: String(lastDirtyTimestamp) }),
  }
}
