/**
 * Lists of instances as people write them, in code or in a file: addresses as URLs, or objects with as much as matters.
 */
import { OptionReader } from '@breakwater/kernel'
import type { OptionIssue } from '@breakwater/kernel'
import { checkMetadata, copyTexts } from '../../eureka/core/options/text-maps.js'
import { hostInUrl, readHost } from '../../eureka/core/wire/host.js'
import type { Instance, InstanceStatus } from '../../instance.js'

/** An instance as it may be written down; what is left out has a default. */
export interface InstanceEntry {
  /** Default `host:port`. */
  readonly id?: string | undefined
  readonly host: string
  readonly port: number
  /** Default `false`. */
  readonly secure?: boolean | undefined
  readonly zone?: string | undefined
  /** Default `UP`. */
  readonly status?: InstanceStatus | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** From 0 to 1 000 000. Default 1. */
  readonly weight?: number | undefined
}

/** Services and who serves them: `http://host:port`, `https://host:port`, or an object. */
export type InstanceLists = Readonly<Record<string, readonly (string | InstanceEntry)[]>>

const KEYS = ['id', 'host', 'port', 'secure', 'zone', 'status', 'metadata', 'weight'] as const
const STATUSES: readonly InstanceStatus[] = ['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN']
const EXPECTED = 'http://host:port, https://host:port, or { host, port, … }'
const MAX_WEIGHT = 1e6
const MAX_PORT = 65_535
const MAX_INSTANCES = 100_000

/**
 * Reads lists; `component` is named in the error.
 *
 * @throws InvalidOptionsError with every fault: addresses that lead elsewhere, ids that occur twice, weights that are none.
 */
export function readInstanceLists(component: string, given: unknown): Map<string, readonly Instance[]> {
  const services = typeof given === 'object' && given !== null ? Object.keys(given) : []
  const reading: Reading = { component, issues: [] }
  const read = readerOf(reading, '', given, services)
  const lists = new Map<string, readonly Instance[]>()
  for (const service of services) lists.set(service, readList(reading, service, read))
  read.finish()
  return lists
}

interface Reading {
  readonly component: string
  readonly issues: OptionIssue[]
}

function readerOf<const K extends string>(
  { component, issues }: Reading,
  prefix: string,
  given: unknown,
  keys: readonly K[],
): OptionReader<K> {
  return new OptionReader({ component, prefix, issues }, given, keys)
}

function readList(reading: Reading, service: string, read: OptionReader): readonly Instance[] {
  const entries = read.list<unknown, readonly unknown[]>(service, [], undefined, { maxLength: MAX_INSTANCES })
  const ids = new Set<string>()
  const instances: Instance[] = []
  entries.forEach((entry, index) => {
    const path = `${service}[${String(index)}]`
    const before = reading.issues.length
    const instance = typeof entry === 'string' ? fromUrl(entry) : fromObject(reading, entry, path)
    if (instance === undefined) {
      if (reading.issues.length === before) read.issue(path, entry, EXPECTED)
    } else if (ids.has(instance.id)) {
      read.issue(path, entry, `an id that does not occur twice, not ${instance.id}`)
    } else {
      ids.add(instance.id)
      instances.push(instance)
    }
  })
  return Object.freeze(instances)
}

/** `undefined` for what is more, or less, than scheme, host and port. */
function fromUrl(text: string): Instance | undefined {
  if (!URL.canParse(text)) return undefined
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text)
  const isSecure = protocol === 'https:'
  const extra = username + password + search + hash
  const host = readHost(hostname)
  if ((!isSecure && protocol !== 'http:') || extra !== '' || pathname !== '/' || host === undefined)
    return undefined
  const number = port === '' ? (isSecure ? 443 : 80) : Number(port)
  return number === 0 ? undefined : instanceOf({ host, port: number, secure: isSecure })
}

/** `undefined` with an issue, or without one for what is no object at all. */
function fromObject(reading: Reading, entry: unknown, path: string): Instance | undefined {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined
  const before = reading.issues.length
  const read = readerOf(reading, `${path}.`, entry, KEYS)
  const host = readHost(read.value('host'))
  if (host === undefined) read.issue('host', read.value('host'), 'a host name or an IP address')
  const port = read.integer('port', undefined, { min: 1, max: MAX_PORT })
  if (!read.has('port')) read.issue('port', undefined, `a whole number from 1 to ${String(MAX_PORT)}`)
  const rest = {
    id: read.string('id', undefined, { minLength: 1 }),
    secure: read.boolean('secure', undefined),
    zone: read.string('zone', undefined, { minLength: 1 }),
    status: read.oneOf('status', undefined, STATUSES),
    metadata: read.custom<Texts, undefined>('metadata', undefined, checkMetadata),
    weight: read.number('weight', undefined, { min: 0, max: MAX_WEIGHT }),
  }
  if (host === undefined || port === undefined || reading.issues.length > before) return undefined
  return instanceOf({ host, port, ...rest })
}

type Texts = Readonly<Record<string, string>>

/** An instance with what an entry leaves out. */
export function instanceOf(entry: InstanceEntry): Instance {
  const { host, port, zone } = entry
  return Object.freeze({
    id: entry.id ?? `${hostInUrl(host)}:${String(port)}`,
    host,
    port,
    secure: entry.secure ?? false,
    ...(zone === undefined ? {} : { zone }),
    status: entry.status ?? 'UP',
    metadata: copyTexts(entry.metadata ?? {}),
    weight: entry.weight ?? 1,
  })
}
