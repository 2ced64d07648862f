/** The nested parts of an instance on the wire: ports, lease, data center, metadata. Nothing is merged, all is copied. */
import type { InstanceStatus } from '../../../instance.js'
import { isInstanceStatus } from '../model/instance-info.js'
import type { DataCenterInfo, LeaseInfo, PortInfo } from '../model/instance-info.js'
import { isJsonObject, ownValue, readBoolean, readInteger, readStamp, readText } from './read-values.js'
import type { JsonObject } from './read-values.js'

/** How much of one answer is taken in. */
export interface ReadLimits {
  /** An answer with more instances is refused as a whole. */
  readonly maxInstances: number
  /** Further metadata of an instance is left out. */
  readonly maxMetadataEntries: number
  /** Longer keys and values are left out. */
  readonly maxMetadataChars: number
}

export const DEFAULT_READ_LIMITS: ReadLimits = Object.freeze({
  maxInstances: 20_000,
  maxMetadataEntries: 64,
  maxMetadataChars: 1_024,
})

/** A map of texts, and how many of its entries were left out. */
export interface ReadTexts {
  readonly texts: Readonly<Record<string, string>>
  readonly omitted: number
}

const MAX_PORT = 65_535
const CLOSED: PortInfo = Object.freeze({ number: 0, enabled: false })
const MY_OWN: DataCenterInfo = Object.freeze({ name: 'MyOwn' })
const NETFLIX: DataCenterInfo = Object.freeze({ name: 'Netflix' })
const NO_TEXTS: ReadTexts = Object.freeze({ texts: emptyTexts(), omitted: 0 })
const DEFAULT_RENEWAL_SECS = 30
const DEFAULT_DURATION_SECS = 90
const MAX_LEASE_SECS = 2 ** 31 - 1
/** Written by Jackson beside or in place of entries. */
const CLASS_KEY = '@class'

/** A status in any case; text that is none is `UNKNOWN`, as in Java. */
export function readStatus(value: unknown, absent: InstanceStatus): InstanceStatus {
  if (value === undefined || value === null) return absent
  if (typeof value !== 'string' || value.length > 16) return 'UNKNOWN'
  const text = value.toUpperCase()
  return isInstanceStatus(text) ? text : 'UNKNOWN'
}

/**
 * A port: `{"$": 8080, "@enabled": "true"}`, either member as text or not, or a bare number. Absent is closed. A port that is
 * enabled and no port number at all is `undefined`.
 */
export function readPort(value: unknown, enabledByDefault: boolean): PortInfo | undefined {
  if (value === undefined || value === null) return CLOSED
  const given = isJsonObject(value) ? value : { $: value }
  const enabled = readBoolean(ownValue(given, '@enabled')) ?? enabledByDefault
  const number = readInteger(ownValue(given, '$'))
  if (number !== undefined && number >= 0 && number <= MAX_PORT) return Object.freeze({ number, enabled })
  return enabled ? undefined : CLOSED
}

export function readLease(value: unknown): LeaseInfo | undefined {
  if (!isJsonObject(value)) return undefined
  const registered = readStamp(ownValue(value, 'registrationTimestamp'))
  const renewed = readStamp(ownValue(value, 'lastRenewalTimestamp') ?? ownValue(value, 'renewalTimestamp'))
  const evicted = readStamp(ownValue(value, 'evictionTimestamp'))
  const up = readStamp(ownValue(value, 'serviceUpTimestamp'))
  return Object.freeze({
    renewalIntervalMs: readSecs(value, 'renewalIntervalInSecs', DEFAULT_RENEWAL_SECS) * 1_000,
    durationMs: readSecs(value, 'durationInSecs', DEFAULT_DURATION_SECS) * 1_000,
    ...(registered === undefined ? {} : { registrationTimestamp: registered }),
    ...(renewed === undefined ? {} : { lastRenewalTimestamp: renewed }),
    ...(evicted === undefined ? {} : { evictionTimestamp: evicted }),
    ...(up === undefined ? {} : { serviceUpTimestamp: up }),
  })
}

function readSecs(lease: JsonObject, key: string, absent: number): number {
  const secs = readInteger(ownValue(lease, key))
  return secs !== undefined && secs > 0 && secs <= MAX_LEASE_SECS ? secs : absent
}

export function readDataCenter(value: unknown, limits: ReadLimits): DataCenterInfo {
  if (!isJsonObject(value)) return MY_OWN
  switch (ownValue(value, 'name')) {
    case 'Amazon':
      return Object.freeze({
        name: 'Amazon',
        metadata: readTexts(ownValue(value, 'metadata'), limits).texts,
      })
    case 'Netflix':
      return NETFLIX
    default:
      return MY_OWN
  }
}

/** A map of texts in an object without a prototype. Numbers and booleans become texts; everything else is left out. */
export function readTexts(value: unknown, limits: ReadLimits): ReadTexts {
  if (!isJsonObject(value))
    return value === undefined || value === null ? NO_TEXTS : { ...NO_TEXTS, omitted: 1 }
  const texts = emptyTexts()
  let kept = 0
  let omitted = 0
  for (const key of Object.keys(value)) {
    if (key === CLASS_KEY) continue
    const text = kept < limits.maxMetadataEntries ? readEntry(key, value[key], limits) : undefined
    if (text === undefined) omitted++
    else {
      texts[key] = text
      kept++
    }
  }
  return kept === 0 ? { ...NO_TEXTS, omitted } : { texts: Object.freeze(texts), omitted }
}

function readEntry(key: string, value: unknown, { maxMetadataChars }: ReadLimits): string | undefined {
  if (readText(key, maxMetadataChars) === undefined) return undefined
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return typeof value === 'string' && value.length <= maxMetadataChars ? value : undefined
}

function emptyTexts(): Record<string, string> {
  // The one way to make an object without a prototype; the type says what will be in it.
  return Object.create(null) as Record<string, string>
}
