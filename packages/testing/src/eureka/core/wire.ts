/**
 * Instances and lists as they look on the wire, quirks included: stamps and flags as strings, ports as objects, lists that
 * are lists even when they hold one, an empty map that names its Java class.
 */
import { appsHash } from './apps-hash.js'
import type { InstanceInfo, PortInfo } from './instance-info.js'
import { TEXT_FIELDS } from './instance-info.js'
import type { Lease } from './lease.js'

export type Accept = 'full' | 'compact'
export type WireObject = Readonly<Record<string, unknown>>

/** Left out of compact answers. */
const FULL_ONLY: ReadonlySet<string> = new Set([
  'sid',
  'appGroupName',
  'homePageUrl',
  'statusPageUrl',
  'healthCheckUrl',
  'secureHealthCheckUrl',
])
const COMPACT_AMAZON_KEYS = [
  'instance-id',
  'public-ipv4',
  'public-hostname',
  'local-ipv4',
  'availability-zone',
]

export function wireInstance(lease: Lease, accept: Accept): WireObject {
  const { info } = lease
  const isFull = accept === 'full'
  const texts = TEXT_FIELDS.filter((field) => isFull || !FULL_ONLY.has(field)).map((field) => [
    field,
    info.texts[field],
  ])
  const { instanceId, ...others } = Object.fromEntries(texts) as Record<string, string | undefined>
  return defined({
    instanceId,
    hostName: info.hostName,
    app: info.app,
    ipAddr: info.ipAddr,
    status: info.status,
    overriddenStatus: isFull ? info.overriddenStatus : undefined,
    port: wirePort(info.port),
    securePort: wirePort(info.securePort),
    countryId: isFull ? 1 : undefined,
    dataCenterInfo: wireDataCenter(info, accept),
    leaseInfo: isFull ? wireLease(lease) : undefined,
    metadata: isFull ? wireMetadata(info) : undefined,
    ...others,
    isCoordinatingDiscoveryServer: isFull ? String(info.isCoordinator) : undefined,
    lastUpdatedTimestamp: isFull ? String(info.lastUpdatedTimestamp) : info.lastUpdatedTimestamp,
    lastDirtyTimestamp: isFull ? String(info.lastDirtyTimestamp) : undefined,
    actionType: info.actionType,
  })
}

export function wireApplication(name: string, instances: readonly Lease[], accept: Accept): WireObject {
  return { name, instance: instances.map((lease) => wireInstance(lease, accept)) }
}

/** What a list says about itself. */
export interface ListHead {
  readonly version: string
  readonly hash: string
}

export function wireApplications(
  { version, hash }: ListHead,
  instances: readonly Lease[],
  accept: Accept,
): WireObject {
  const byApp = new Map<string, Lease[]>()
  for (const lease of instances) {
    const group = byApp.get(lease.info.app)
    if (group === undefined) byApp.set(lease.info.app, [lease])
    else group.push(lease)
  }
  const application = [...byApp].map(([name, group]) => wireApplication(name, group, accept))
  return { versions__delta: version, apps__hashcode: hash, application }
}

/** Compact lists of Spring's present servers say twice whether they are empty. */
export function withEmptyMark(list: WireObject): WireObject {
  const applications = list['application']
  return { ...list, registeredApplicationsEmpty: Array.isArray(applications) && applications.length === 0 }
}

export function hashOf(instances: readonly Lease[]): string {
  return appsHash(instances.map(({ info }) => info.status))
}

function wirePort({ number, enabled }: PortInfo): WireObject {
  return { $: number, '@enabled': String(enabled) }
}

function wireDataCenter({ dataCenterInfo }: InstanceInfo, accept: Accept): WireObject {
  const { name, metadata } = dataCenterInfo
  const kept = Object.entries(metadata ?? {}).filter(
    ([key]) => accept === 'full' || COMPACT_AMAZON_KEYS.includes(key),
  )
  return defined({
    '@class': dataCenterInfo.class,
    name,
    metadata: metadata === undefined ? undefined : Object.fromEntries(kept),
  })
}

function wireLease({ info, registeredAt, renewedAt, evictedAt, upAt }: Lease): WireObject {
  return {
    renewalIntervalInSecs: info.renewalIntervalSecs,
    durationInSecs: info.durationSecs,
    registrationTimestamp: registeredAt,
    lastRenewalTimestamp: renewedAt,
    evictionTimestamp: evictedAt,
    serviceUpTimestamp: upAt,
  }
}

function wireMetadata({ metadata }: InstanceInfo): WireObject {
  const isEmpty = Object.keys(metadata).length === 0
  return isEmpty ? { '@class': 'java.util.Collections$EmptyMap' } : metadata
}

function defined(fields: WireObject): WireObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
