/**
 * Reads a registration as the server's hand-written parser does, with its traps: some shapes are refused that look
 * harmless, a missing port becomes 7001, and an object where none is known ends the instance at its closing brace, so
 * that the fields after it are lost.
 */
import type { DataCenterInfo, InstanceInfo, InstanceStatus, PortInfo, TextField } from './instance-info.js'
import { isStatus, TEXT_FIELDS } from './instance-info.js'

/** A registration, or the text with which it is refused. */
export type ReadResult = { readonly info: InstanceInfo } | { readonly refusal: string }

/** What both servers say of a body that their parser cannot take. */
export const UNPARSABLE = '{"error":"cannot parse request body"}'

const OBJECT_FIELDS = new Set(['port', 'securePort', 'dataCenterInfo', 'leaseInfo', 'metadata'])
const DEFAULT_PORT: PortInfo = { number: 7001, enabled: true }
const DEFAULT_SECURE_PORT: PortInfo = { number: 7002, enabled: false }
const DEFAULT_RENEWAL_SECS = 30
const DEFAULT_DURATION_SECS = 90

type Fields = Readonly<Record<string, unknown>>

/** Thrown by readers of parts, caught here only. */
class Unparsable extends Error {}

/** Reads the body of `POST apps/{app}`; `app` is the name in the path, `now` the stamp for what has none. */
export function readRegistration(body: unknown, app: string, now: number): ReadResult {
  try {
    const fields = fieldsOf(fieldsOf(body)['instance'])
    return readInstance(readable(fields), app, now)
  } catch (error) {
    if (error instanceof Unparsable) return { refusal: UNPARSABLE }
    throw error
  }
}

function readInstance(fields: Fields, app: string, now: number): ReadResult {
  const dataCenter = readDataCenter(fields['dataCenterInfo'])
  const appName = text(fields['app'])?.toUpperCase()
  if (appName === undefined) throw new Unparsable()
  const hostName = text(fields['hostName'])
  const id = text(fields['instanceId']) ?? dataCenter?.metadata?.['instance-id'] ?? hostName
  const ipAddr = text(fields['ipAddr'])
  if (isBlank(id)) return { refusal: 'Missing instanceId' }
  if (isBlank(hostName)) return { refusal: 'Missing hostname' }
  if (isBlank(ipAddr)) return { refusal: 'Missing ip address' }
  if (isBlank(appName)) return { refusal: 'Missing appName' }
  if (appName !== app) return { refusal: `Mismatched appName, expecting ${app} but was ${appName}` }
  if (dataCenter === undefined) return { refusal: 'Missing dataCenterInfo' }
  if (isBlank(dataCenter.name)) return { refusal: 'Missing dataCenterInfo Name' }
  return { info: { ...readRest(fields, now), id, app, hostName, ipAddr, dataCenterInfo: dataCenter } }
}

function readRest(
  fields: Fields,
  now: number,
): Omit<InstanceInfo, 'id' | 'app' | 'hostName' | 'ipAddr' | 'dataCenterInfo'> {
  const lease = fieldsOf(fields['leaseInfo'] ?? {})
  return {
    status: readStatus(fields['status'], 'UP'),
    overriddenStatus: readStatus(fields['overriddenStatus'] ?? fields['overriddenstatus'], 'UNKNOWN'),
    port: readPort(fields['port'], DEFAULT_PORT),
    securePort: readPort(fields['securePort'], DEFAULT_SECURE_PORT),
    renewalIntervalSecs: positive(lease['renewalIntervalInSecs'], DEFAULT_RENEWAL_SECS),
    durationSecs: positive(lease['durationInSecs'], DEFAULT_DURATION_SECS),
    metadata: readMetadata(fields['metadata']),
    texts: readTexts(fields),
    isCoordinator: String(fields['isCoordinatingDiscoveryServer']) === 'true',
    lastDirtyTimestamp: stamp(fields['lastDirtyTimestamp'], now),
    lastUpdatedTimestamp: stamp(fields['lastUpdatedTimestamp'], now),
    actionType: 'ADDED',
  }
}

/** The fields up to the first unknown object, or to a lease that is none. */
function readable(fields: Fields): Fields {
  const entries = Object.entries(fields)
  const end = entries.findIndex(([key, value]) =>
    isFields(value) ? !OBJECT_FIELDS.has(key) : key === 'leaseInfo' && value !== undefined && value !== null,
  )
  return end === -1 ? fields : Object.fromEntries(entries.slice(0, end))
}

function readDataCenter(value: unknown): DataCenterInfo | undefined {
  if (value === undefined || value === null) return undefined
  const fields = fieldsOf(value)
  const className = text(fields['@class'])
  if (className === undefined) throw new Unparsable()
  const metadata = fields['metadata'] === undefined ? undefined : readMetadata(fields['metadata'])
  return { class: className, name: text(fields['name']) ?? '', metadata }
}

function readPort(value: unknown, fallback: PortInfo): PortInfo {
  if (value === undefined || value === null) return fallback
  const fields = fieldsOf(value)
  const number = whole(fields['$'] ?? fallback.number)
  const enabled = fields['@enabled']
  return { number, enabled: enabled === undefined ? fallback.enabled : String(enabled) === 'true' }
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {}
  const entries = Object.entries(fieldsOf(value)).filter(([key]) => key !== '@class')
  if (entries.some(([, entry]) => typeof entry === 'object' && entry !== null)) throw new Unparsable()
  return Object.fromEntries(entries.map(([key, entry]) => [key, String(entry)]))
}

function readTexts(fields: Fields): Partial<Record<TextField, string>> {
  const found = TEXT_FIELDS.map((field) => [field, text(fields[field])] as const)
  return Object.fromEntries(
    found.filter(([field, value]) => value !== undefined && !(field === 'sid' && isNoSid(value))),
  )
}

/** Unknown words are UNKNOWN, not an error. */
function readStatus(value: unknown, fallback: InstanceStatus): InstanceStatus {
  if (value === undefined || value === null) return fallback
  return isStatus(value) ? value : 'UNKNOWN'
}

function text(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'object') throw new Unparsable()
  return String(value)
}

function stamp(value: unknown, fallback: number): number {
  return value === undefined || value === null ? fallback : whole(value)
}

function positive(value: unknown, fallback: number): number {
  const number = whole(value ?? 0)
  return number > 0 ? number : fallback
}

/** What is no whole number counts as 0. */
function whole(value: unknown): number {
  const number = Number(value)
  return Number.isInteger(number) ? number : 0
}

function isNoSid(value: string): boolean {
  return value === 'na' || value === 'unknown'
}

function isBlank(value: string | undefined): value is undefined | '' {
  return value === undefined || value === ''
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fieldsOf(value: unknown): Fields {
  if (!isFields(value)) throw new Unparsable()
  return value
}
