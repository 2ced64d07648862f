/**
 * One instance from the wire, judged on its own: what is essential must be right, or the instance is dropped with a
 * reason; what is not is left out. Java trusts all of it, so that one bad registration can break every client.
 */
import type { InstanceStatus } from '../../../instance.js'
import type { ActionType, InstanceInfo } from '../model/instance-info.js'
import { readHost, readIpAddress } from './host.js'
import { readDataCenter, readLease, readPort, readStatus, readTexts } from './read-parts.js'
import type { ReadLimits } from './read-parts.js'
import {
  isJsonObject,
  ownValue,
  readBoolean,
  readHttpUrl,
  readInteger,
  readStamp,
  readText,
} from './read-values.js'
import type { JsonObject } from './read-values.js'

/** Why an entry of an answer was not taken. */
export type DropReason = 'not-an-object' | 'bad-app' | 'bad-id' | 'bad-host' | 'bad-port' | 'bad-action'

/** An entry that was taken. `omitted` counts those of its texts (metadata, URLs, names) that were left out. */
interface KeptEntry {
  readonly kind: 'instance'
  readonly info: InstanceInfo
  readonly omitted: number
}

/**
 * An entry that was not taken. The server counts it in its hash nevertheless, so what is known of it is kept: without it
 * one bad entry would cause a full fetch with every poll.
 */
export interface DroppedEntry {
  readonly kind: 'dropped'
  readonly reason: DropReason
  readonly app: string | undefined
  readonly instanceId: string | undefined
  readonly status: InstanceStatus
  readonly actionType: ActionType | undefined
}

export type ReadEntry = KeptEntry | DroppedEntry

const MAX_NAME_LENGTH = 256
const MAX_ID_LENGTH = 512
/** A list of names. */
const MAX_VIP_LENGTH = 4_096

const TEXT_FIELDS = [
  ['appGroupName', MAX_NAME_LENGTH],
  ['asgName', MAX_NAME_LENGTH],
  ['sid', MAX_NAME_LENGTH],
  ['vipAddress', MAX_VIP_LENGTH],
  ['secureVipAddress', MAX_VIP_LENGTH],
] as const
const URL_FIELDS = ['homePageUrl', 'statusPageUrl', 'healthCheckUrl', 'secureHealthCheckUrl'] as const
const STAMP_FIELDS = ['lastUpdatedTimestamp', 'lastDirtyTimestamp'] as const

/** An application name as Eureka compares it: upper case, whatever the locale. `undefined` for what is no name. */
export function readAppName(value: unknown): string | undefined {
  // Upper case can be longer.
  return readText(value, MAX_NAME_LENGTH)?.toUpperCase()
}

/** Reads one instance of the application `appName`, which counts where the instance names none itself. */
export function readInstance(raw: unknown, appName: string | undefined, limits: ReadLimits): ReadEntry {
  if (!isJsonObject(raw)) return drop('not-an-object', {}, appName, undefined)
  const app = readAppName(ownValue(raw, 'app')) ?? appName
  const dataCenterInfo = readDataCenter(ownValue(raw, 'dataCenterInfo'), limits)
  const ipAddr = readIpAddress(ownValue(raw, 'ipAddr')) ?? ''
  // Only an absent host name may be stood in for: a bad one makes the rest as doubtful.
  const hostName = readHost(ownValue(raw, 'hostName') ?? ipAddr)
  const amazonId = dataCenterInfo.name === 'Amazon' ? dataCenterInfo.metadata['instance-id'] : undefined
  const instanceId = readText(ownValue(raw, 'instanceId') ?? amazonId ?? hostName, MAX_ID_LENGTH)
  const port = readPort(ownValue(raw, 'port'), true)
  const securePort = readPort(ownValue(raw, 'securePort'), false)

  if (app === undefined) return drop('bad-app', raw, app, instanceId)
  if (instanceId === undefined) return drop('bad-id', raw, app, instanceId)
  if (hostName === undefined) return drop('bad-host', raw, app, instanceId)
  if (port === undefined || securePort === undefined) return drop('bad-port', raw, app, instanceId)
  const metadata = readTexts(ownValue(raw, 'metadata'), limits)
  const rest = readRest(raw)
  const info: InstanceInfo = Object.freeze({
    instanceId,
    app,
    hostName,
    ipAddr,
    status: readStatus(ownValue(raw, 'status'), 'UP'),
    overriddenStatus: readOverride(raw),
    port,
    securePort,
    dataCenterInfo,
    metadata: metadata.texts,
    isCoordinatingDiscoveryServer: readBoolean(ownValue(raw, 'isCoordinatingDiscoveryServer')) ?? false,
    ...rest.fields,
  })
  return { kind: 'instance', info, omitted: metadata.omitted + rest.omitted }
}

/** Older servers, and XML, spell it in lower case. */
function readOverride(raw: JsonObject): InstanceStatus {
  return readStatus(ownValue(raw, 'overriddenStatus') ?? ownValue(raw, 'overriddenstatus'), 'UNKNOWN')
}

function drop(
  reason: DropReason,
  raw: JsonObject,
  app: string | undefined,
  instanceId: string | undefined,
): DroppedEntry {
  const status = readStatus(ownValue(raw, 'status'), 'UP')
  const actionType = readAction(ownValue(raw, 'actionType'))
  return { kind: 'dropped', reason, app, instanceId, status, actionType }
}

function readAction(value: unknown): ActionType | undefined {
  return value === 'ADDED' || value === 'MODIFIED' || value === 'DELETED' ? value : undefined
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** The fields that may be absent. */
function readRest(raw: JsonObject): { readonly fields: Partial<InstanceInfo>; readonly omitted: number } {
  const fields: Mutable<Partial<InstanceInfo>> = {}
  let omitted = 0
  const isOmitted = (value: unknown): boolean => value !== undefined && value !== null && value !== ''
  for (const [key, maxLength] of TEXT_FIELDS) {
    const text = readText(ownValue(raw, key), maxLength)
    if (text !== undefined) fields[key] = text
    else if (isOmitted(ownValue(raw, key))) omitted++
  }
  for (const key of URL_FIELDS) {
    const url = readHttpUrl(ownValue(raw, key))
    if (url !== undefined) fields[key] = url
    else if (isOmitted(ownValue(raw, key))) omitted++
  }
  for (const key of STAMP_FIELDS) {
    const stamp = readStamp(ownValue(raw, key))
    if (stamp !== undefined) fields[key] = stamp
  }
  const countryId = readInteger(ownValue(raw, 'countryId'))
  if (countryId !== undefined) fields.countryId = countryId
  const leaseInfo = readLease(ownValue(raw, 'leaseInfo'))
  if (leaseInfo !== undefined) fields.leaseInfo = leaseInfo
  const actionType = readAction(ownValue(raw, 'actionType'))
  if (actionType !== undefined) fields.actionType = actionType
  return { fields, omitted }
}
