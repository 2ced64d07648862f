/**
 * What Consul's list of the health of a service says about instances. Whoever may register can write nearly anything into it, so each
 * entry is checked by itself, and one that cannot be used takes no other with it.
 */
import { DEFAULT_READ_LIMITS, readTexts } from '../../eureka/core/wire/read-parts.js'
import {
  isJsonObject,
  ownValue,
  readBoolean,
  readInteger,
  readText,
} from '../../eureka/core/wire/read-values.js'
import type { JsonObject } from '../../eureka/core/wire/read-values.js'
import { readHost } from '../../eureka/core/wire/host.js'
import type { Steps } from '../../eureka/core/steps.js'
import type { Instance, InstanceStatus } from '../../instance.js'
import { instanceOf } from './read-instances.js'

/** How entries become instances. */
export interface EntryRules {
  /** The key in the metadata of a service or a node that holds its zone. */
  readonly zoneKey: string
  /** Whether the instances speak TLS; `undefined`: those that say so in their metadata do. */
  readonly secure: boolean | undefined
  readonly maxInstances: number
}

export interface EntryList {
  readonly instances: readonly Instance[]
  /** Entries that could not be used, repetitions among them. */
  readonly dropped: number
}

interface Health {
  readonly status: InstanceStatus
  /** Which of the two weights counts. */
  readonly weight: 'Passing' | 'Warning'
}

const ENTRIES_PER_STEP = 64
const MAX_ID_CHARS = 512
const MAX_PORT = 65_535
const MAX_WEIGHT = 65_535
const MAX_CHECKS = 1_000
const NODE_MAINTENANCE = '_node_maintenance'
const SERVICE_MAINTENANCE = '_service_maintenance:'

/** Reads an answer in steps; `undefined` when it is no list, or one with too many entries. */
export function* readEntries(json: unknown, rules: EntryRules): Steps<EntryList | undefined> {
  if (!Array.isArray(json) || json.length > rules.maxInstances) return undefined
  const entries: readonly unknown[] = json
  const byId = new Map<string, Instance>()
  for (const [position, entry] of entries.entries()) {
    if (position % ENTRIES_PER_STEP === ENTRIES_PER_STEP - 1) yield
    const instance = readEntry(entry, rules)
    if (instance !== undefined && !byId.has(instance.id)) byId.set(instance.id, instance)
  }
  // In a fixed order: Consul answers in no order that it promises, and another order is no change.
  const instances = [...byId.values()].sort((one, other) => (one.id < other.id ? -1 : 1))
  return { instances, dropped: entries.length - instances.length }
}

function readEntry(entry: unknown, { zoneKey, secure }: EntryRules): Instance | undefined {
  if (!isJsonObject(entry)) return undefined
  const node = member(entry, 'Node')
  const service = member(entry, 'Service')
  // An empty address of the service means that of its node.
  const host = readHost(ownValue(service, 'Address') || ownValue(node, 'Address'))
  const port = readInteger(ownValue(service, 'Port'))
  const id = idOf(node, service)
  if (host === undefined || port === undefined || port < 1 || port > MAX_PORT || id === undefined)
    return undefined
  const { texts } = readTexts(ownValue(service, 'Meta'), DEFAULT_READ_LIMITS)
  const { status, weight } = healthOf(ownValue(entry, 'Checks'))
  return instanceOf({
    id,
    host,
    port,
    secure: secure ?? readBoolean(texts['secure']) ?? false,
    zone: zoneOf(service, node, zoneKey),
    status,
    metadata: texts,
    weight: weightOf(service, weight),
  })
}

/** Ids of services are unique on a node only. */
function idOf(node: JsonObject, service: JsonObject): string | undefined {
  const name = readText(ownValue(node, 'Node'), MAX_ID_CHARS)
  const id = readText(ownValue(service, 'ID'), MAX_ID_CHARS)
  return name === undefined || id === undefined ? undefined : `${name}/${id}`
}

/** What the service says of itself counts more than what its node does; newer servers know localities. */
function zoneOf(service: JsonObject, node: JsonObject, key: string): string | undefined {
  for (const owner of [service, node]) {
    const given = ownValue(member(owner, 'Locality'), 'Zone') || ownValue(member(owner, 'Meta'), key)
    const zone = readText(given, MAX_ID_CHARS)
    if (zone !== undefined) return zone
  }
  return undefined
}

function weightOf(service: JsonObject, name: Health['weight']): number {
  const weight = readInteger(ownValue(member(service, 'Weights'), name))
  return weight !== undefined && weight >= 0 && weight <= MAX_WEIGHT ? weight : 1
}

/** All checks of the service and of its node decide together, the worst of them counts. */
function healthOf(checks: unknown): Health {
  const list: readonly unknown[] = Array.isArray(checks) ? checks.slice(0, MAX_CHECKS) : []
  let health: Health = { status: 'UP', weight: 'Passing' }
  for (const check of list) {
    if (!isJsonObject(check)) continue
    const id = readText(ownValue(check, 'CheckID'), MAX_ID_CHARS) ?? ''
    const status = ownValue(check, 'Status')
    if (status === 'passing') continue
    if (id === NODE_MAINTENANCE || id.startsWith(SERVICE_MAINTENANCE))
      return { status: 'OUT_OF_SERVICE', weight: 'Passing' }
    if (status !== 'warning') health = { status: 'DOWN', weight: 'Passing' }
    else if (health.status === 'UP') health = { status: 'UP', weight: 'Warning' }
  }
  return health
}

function member(owner: JsonObject, key: string): JsonObject {
  const value = ownValue(owner, key)
  return isJsonObject(value) ? value : {}
}
