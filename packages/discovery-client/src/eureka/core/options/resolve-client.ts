/** Checks and completes the options of the Eureka client. */
import { readOptions, systemRandom } from '@breakwater/kernel'
import type { OptionReader } from '@breakwater/kernel'
import type { ProxyOptions } from '../../../transport/connections.js'
import { readTls } from '../../../transport/core/read-tls.js'
import type { ShrinkGuardOptions } from '../registry/shrink-guard.js'
import { readHost } from '../wire/host.js'
import { DEFAULT_READ_LIMITS } from '../wire/read-parts.js'
import type { ReadLimits } from '../wire/read-parts.js'
import { readText } from '../wire/read-values.js'
import type { EurekaClientOptions, HealthCheckHandler, ResolvedEurekaOptions } from './client-options.js'
import { DURATION_ROWS, NUMBER_ROWS, SWITCH_ROWS } from './client-rows.js'
import { OTHER_ROWS } from './other-rows.js'
import { INSTANCE_KEYS, readInstanceConfig } from './resolve-instance.js'
import { checkHeaders, readLists, readTextMap } from './text-maps.js'

type Key = keyof EurekaClientOptions
type Read = OptionReader<Key>

const DEFAULT_ZONE = 'defaultZone'
const DEFAULT_REGION = 'us-east-1'
const DEFAULT_SHRINK_GUARD: ShrinkGuardOptions = {
  maxShrinkPercent: 50,
  maxServiceShrinkPercent: 50,
  minServiceInstances: 2,
  maxHoldMs: 180_000,
}
const DEFAULT_DNS = { port: 8761, context: 'eureka', secure: false }
const MAX_NAME_LENGTH = 256
const NAME_RULE = { minLength: 1, maxLength: MAX_NAME_LENGTH }

/** Every known option. */
export const CLIENT_KEYS: readonly Key[] = [
  ...keysOf(OTHER_ROWS),
  ...keysOf(SWITCH_ROWS),
  ...keysOf(DURATION_ROWS),
  ...keysOf(NUMBER_ROWS),
]

/** Checks and completes options, those of the instance too; throws `InvalidOptionsError` with every fault. */
export function resolveEurekaOptions(options: EurekaClientOptions | undefined): ResolvedEurekaOptions {
  const read: Read = readOptions('EurekaClient', options, CLIENT_KEYS)
  const instance = read.has('instance')
    ? readInstanceConfig(read.nested('instance', INSTANCE_KEYS))
    : undefined
  const resolved: ResolvedEurekaOptions = {
    ...fromRows(SWITCH_ROWS, (key, row) => read.boolean(key, row.default)),
    ...fromRows(DURATION_ROWS, (key, row) => read.durationMs(key, row.default, row)),
    ...fromRows(NUMBER_ROWS, (key, row) => read.integer(key, row.default, row)),
    ...readPlaces(read),
    ...readTransport(read),
    ...readHooks(read),
    instance,
    registerWithEureka: read.boolean('registerWithEureka', instance !== undefined),
    registryRefreshSingleVipAddress: read.string('registryRefreshSingleVipAddress', undefined, NAME_RULE),
    writeClusterVip: read.string('writeClusterVip', undefined, NAME_RULE),
    readClusterVip: read.string('readClusterVip', undefined, NAME_RULE),
    limits: readLimits(read),
    shrinkGuard: readShrinkGuard(read),
    name: read.string('name', undefined, NAME_RULE),
    runtime: read.runtime('runtime', undefined),
    clock: read.clock('clock', undefined),
    random: read.random('random', systemRandom),
  }
  checkTogether(read, resolved)
  read.finish()
  return Object.freeze(resolved)
}

/** Rules about several options. What is wrong by itself is not told again. */
function checkTogether(read: Read, resolved: ResolvedEurekaOptions): void {
  const { instance, registerWithEureka, useDns, eurekaServer, serviceUrls, availabilityZones } = resolved
  const isGood = (key: Key): boolean => !read.issues.some(({ path }) => path.startsWith(key))
  if (registerWithEureka && instance === undefined) {
    read.issue('registerWithEureka', true, 'false, or an instance to register')
  }
  if (useDns && eurekaServer === undefined && isGood('eurekaServer')) {
    read.issue('eurekaServer', undefined, '{ domainName }, because useDns is true')
  }
  const hasUrl = [...serviceUrls.values()].some((urls) => urls.length > 0)
  if (!useDns && !hasUrl && isGood('serviceUrls')) {
    read.issue('serviceUrls', read.value('serviceUrls'), 'at least one URL, or useDns')
  }
  for (const [index, region] of resolved.fetchRegistryForRemoteRegions.entries()) {
    if ((availabilityZones.get(region)?.length ?? 0) > 0) continue
    read.issue(`fetchRegistryForRemoteRegions[${index}]`, region, 'a region with availabilityZones')
  }
}

function readPlaces(
  read: Read,
): Pick<
  ResolvedEurekaOptions,
  'serviceUrls' | 'availabilityZones' | 'region' | 'zone' | 'eurekaServer' | 'fetchRegistryForRemoteRegions'
> {
  const checkName = (value: unknown): string | undefined =>
    readText(value, MAX_NAME_LENGTH) === undefined ? 'a name' : undefined
  return {
    serviceUrls: readLists(read, 'serviceUrls', { bareName: DEFAULT_ZONE, check: checkUrl }),
    availabilityZones: readLists(read, 'availabilityZones', { bareName: undefined, check: checkName }),
    region: read.string('region', DEFAULT_REGION, NAME_RULE),
    zone: read.string('zone', undefined, NAME_RULE),
    fetchRegistryForRemoteRegions: read.list<string, readonly string[]>(
      'fetchRegistryForRemoteRegions',
      [],
      checkName,
    ),
    eurekaServer: readDns(read),
  }
}

function readDns(read: Read): ResolvedEurekaOptions['eurekaServer'] {
  if (!read.has('eurekaServer')) return undefined
  const dns = read.nested('eurekaServer', ['domainName', 'port', 'context', 'secure'])
  if (!dns.has('domainName')) dns.issue('domainName', undefined, 'a domain name')
  return Object.freeze({
    domainName: dns.custom<string, string>('domainName', '', (value) =>
      readHost(value) === undefined ? 'a domain name' : undefined,
    ),
    port: dns.integer('port', DEFAULT_DNS.port, { min: 1, max: 65_535 }),
    context: dns.string('context', DEFAULT_DNS.context, {
      pattern: /^[\w./-]*$/,
      expected: 'a path such as eureka/v2',
    }),
    secure: dns.boolean('secure', DEFAULT_DNS.secure),
  })
}

function readTransport(
  read: Read,
): Pick<
  ResolvedEurekaOptions,
  | 'tls'
  | 'proxy'
  | 'headers'
  | 'allowRedirects'
  | 'clientDataAccept'
  | 'retryableClientQuarantineRefreshPercentage'
> {
  const headers = read.value('headers')
  return {
    tls: readTls(read),
    proxy: readProxy(read),
    headers:
      typeof headers === 'function'
        ? (headers as () => Readonly<Record<string, string>>)
        : readTextMap(read, 'headers', checkHeaders),
    allowRedirects: read.oneOf('allowRedirects', 'known', ['known', 'any', 'none']),
    clientDataAccept: read.oneOf('clientDataAccept', 'full', ['full', 'compact']),
    retryableClientQuarantineRefreshPercentage: read.number(
      'retryableClientQuarantineRefreshPercentage',
      0.66,
      { min: 0, max: 1 },
    ),
  }
}

function readProxy(read: Read): ProxyOptions | undefined {
  if (!read.has('proxy')) return undefined
  const proxy = read.nested('proxy', ['url'])
  if (!proxy.has('url')) proxy.issue('url', undefined, 'the URL of a proxy')
  return Object.freeze({ url: proxy.custom<string, string>('url', '', checkUrl) })
}

function readHooks(
  read: Read,
): Pick<
  ResolvedEurekaOptions,
  'backupRegistry' | 'healthCheckHandler' | 'preRegistrationHandler' | 'resolveTxt'
> {
  return {
    backupRegistry: read.fn<() => unknown>('backupRegistry'),
    healthCheckHandler: read.fn<HealthCheckHandler>('healthCheckHandler'),
    preRegistrationHandler: read.fn<() => unknown>('preRegistrationHandler'),
    resolveTxt: read.fn<NonNullable<EurekaClientOptions['resolveTxt']>>('resolveTxt'),
  }
}

function readLimits(read: Read): ReadLimits {
  const limits = read.nested('limits', ['maxInstances', 'maxMetadataEntries', 'maxMetadataChars'])
  const { maxInstances, maxMetadataEntries, maxMetadataChars } = DEFAULT_READ_LIMITS
  return Object.freeze({
    maxInstances: limits.integer('maxInstances', maxInstances, { min: 1, max: 1_000_000 }),
    maxMetadataEntries: limits.integer('maxMetadataEntries', maxMetadataEntries, { min: 0, max: 10_000 }),
    maxMetadataChars: limits.integer('maxMetadataChars', maxMetadataChars, { min: 1, max: 65_536 }),
  })
}

function readShrinkGuard(read: Read): ShrinkGuardOptions | false {
  if (read.value('shrinkGuard') === false) return false
  const guard = read.nested('shrinkGuard', keysOf(DEFAULT_SHRINK_GUARD))
  const share = { min: 0, max: 100 }
  return Object.freeze({
    maxShrinkPercent: guard.number('maxShrinkPercent', DEFAULT_SHRINK_GUARD.maxShrinkPercent, share),
    maxServiceShrinkPercent: guard.number(
      'maxServiceShrinkPercent',
      DEFAULT_SHRINK_GUARD.maxServiceShrinkPercent,
      share,
    ),
    minServiceInstances: guard.integer('minServiceInstances', DEFAULT_SHRINK_GUARD.minServiceInstances, {
      min: 1,
      max: 1_000_000,
    }),
    maxHoldMs: guard.durationMs('maxHoldMs', DEFAULT_SHRINK_GUARD.maxHoldMs),
  })
}

/** What Java takes for a list is a URL with an odd path, of which no server would know a thing. */
const SEVERAL = /,\s*https?:\/\//i

function checkUrl(value: unknown): string | undefined {
  const expected = 'an http or https URL without query and fragment, with properly encoded credentials'
  const isShort = typeof value === 'string' && value.length <= 2_048
  if (!isShort || !URL.canParse(value)) return expected
  if (SEVERAL.test(value)) return 'one URL: a list in commas has to be split'
  const { protocol, search, hash, username, password } = new URL(value)
  const isFine = /^https?:/.test(protocol) && search === '' && hash === '' && isEncoded(username + password)
  return isFine ? undefined : expected
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function fromRows<K extends string, R, V>(
  rows: Readonly<Record<K, R>>,
  valueOf: (key: K, row: R) => V,
): Record<K, V> {
  // `Object.fromEntries` forgets the names; they are those of the rows.
  return Object.fromEntries(keysOf(rows).map((key) => [key, valueOf(key, rows[key])])) as Record<K, V>
}

function keysOf<K extends string>(rows: Readonly<Record<K, unknown>>): K[] {
  // `Object.keys` forgets the names; the rows have no others.
  return Object.keys(rows) as K[]
}
