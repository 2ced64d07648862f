/**
 * Who we are at Amazon, asked of the metadata service of the machine (IMDSv2, with a token; the Java client speaks only
 * the first version, which is switched off by default on new machines).
 */
import { readOptions, systemClock } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import { Exchange } from '../../transport/exchange.js'
import type { HttpAnswer } from '../../transport/exchange.js'
import { registryError } from '../../transport/registry-errors.js'
import { ServiceUrl } from '../../transport/service-url.js'

/** Where and how long to ask. */
export interface AmazonInfoOptions {
  /** Default `http://169.254.169.254/`. */
  readonly url?: string | undefined
  /** For each connection. Default 2 000 ms, as in Java. */
  readonly connectTimeoutMs?: number | undefined
  /** For each answer. Default 5 000 ms, as in Java. */
  readonly readTimeoutMs?: number | undefined
  /** How often to ask for one value, 1 to 100. Default 3, as in Java. */
  readonly tries?: number | undefined
  readonly clock?: Clock | undefined
}

/** Names of Java's `AmazonInfo.MetaDataKey`, with their places below `latest/meta-data/`. */
const PLACES: readonly (readonly [name: string, place: string])[] = [
  ['instance-id', 'instance-id'],
  ['ami-id', 'ami-id'],
  ['instance-type', 'instance-type'],
  ['availability-zone', 'placement/availability-zone'],
  ['local-ipv4', 'local-ipv4'],
  ['local-hostname', 'local-hostname'],
  ['public-ipv4', 'public-ipv4'],
  ['public-hostname', 'public-hostname'],
  ['mac', 'mac'],
]
const MAX_VALUE_BYTES = 16 * 1_024
const TOKEN_SECONDS = '300'

type Get = (place: string) => Promise<string | undefined>

/**
 * Reads the data-center info of an Amazon machine, for `InstanceConfig.dataCenterInfo`. Values that the machine does not
 * have are left out.
 *
 * @throws InvalidOptionsError with every fault of the options
 * @throws RegistryError when the metadata service does not answer, or has no `instance-id`
 *
 * @example
 * ```ts
 * import { amazonInfo, EurekaClient } from '@breakwater/discovery-client'
 *
 * async function atAmazon(): Promise<EurekaClient> {
 *   const dataCenterInfo = await amazonInfo()
 *   const instance = { appName: 'users', port: 8_080, dataCenterInfo }
 *   return new EurekaClient({ serviceUrls: ['http://eureka.internal:8761/eureka/'], instance })
 * }
 * ```
 */
export async function amazonInfo(
  options: AmazonInfoOptions = {},
): Promise<{ readonly name: 'Amazon'; readonly metadata: Readonly<Record<string, string>> }> {
  const { url, tries, ...times } = readAmazonOptions(options)
  const exchange = new Exchange({
    ...times,
    idleTimeoutMs: 1_000,
    maxConnectionsPerServer: 2,
    maxBodyBytes: MAX_VALUE_BYTES,
  })
  try {
    const get = await reader(exchange, url, tries)
    const metadata = await allOf(get)
    if (metadata['instance-id'] === undefined) {
      throw registryError('BODY', 'the metadata service of the machine knows no instance-id')
    }
    return { name: 'Amazon', metadata }
  } finally {
    await exchange.close()
  }
}

type ResolvedAmazonInfo = { readonly [K in keyof AmazonInfoOptions]-?: NonNullable<AmazonInfoOptions[K]> }

function readAmazonOptions(options: AmazonInfoOptions): ResolvedAmazonInfo {
  const keys = ['url', 'connectTimeoutMs', 'readTimeoutMs', 'tries', 'clock'] as const
  const read = readOptions('amazonInfo', options, keys)
  const resolved = {
    url: read.string('url', 'http://169.254.169.254/'),
    connectTimeoutMs: read.durationMs('connectTimeoutMs', 2_000, { min: 1 }),
    readTimeoutMs: read.durationMs('readTimeoutMs', 5_000, { min: 1 }),
    tries: read.integer('tries', 3, { min: 1, max: 100 }),
    clock: read.clock('clock', systemClock),
  }
  read.finish()
  return resolved
}

/** Gets a token, then reads with it. Machines without the second version answer the first, without one. */
async function reader(exchange: Exchange, base: string, tries: number): Promise<Get> {
  const server = ServiceUrl.parse(base, 'amazon')
  if (server === undefined) throw registryError('NO_SERVER', 'the URL of the metadata service is none')
  const ask = async (
    method: 'GET' | 'PUT',
    place: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<string | undefined> => {
    const path = `${server.path}latest/${place}`
    const answer = await repeated(tries, () => exchange.send({ server, method, path, headers }))
    return answer.status === 200 ? answer.body.toString().trim() : undefined
  }
  const token = await ask('PUT', 'api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS })
  const headers = token === undefined ? {} : { 'x-aws-ec2-metadata-token': token }
  return (place) => ask('GET', place, headers)
}

async function allOf(get: Get): Promise<Record<string, string>> {
  const metadata: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, place] of PLACES) {
    const value = await get(`meta-data/${place}`)
    if (value !== undefined && value !== '') metadata[name] = value
  }
  const mac = metadata['mac']
  const vpcId =
    mac === undefined
      ? undefined
      : await get(`meta-data/network/interfaces/macs/${encodeURIComponent(mac)}/vpc-id`)
  if (vpcId !== undefined && vpcId !== '') metadata['vpc-id'] = vpcId
  const accountId = accountOf(await get('dynamic/instance-identity/document'))
  if (accountId !== undefined) metadata['accountId'] = accountId
  return metadata
}

function accountOf(document: string | undefined): string | undefined {
  try {
    const parsed: unknown = JSON.parse(document ?? 'null')
    const id =
      typeof parsed === 'object' && parsed !== null && 'accountId' in parsed ? parsed.accountId : undefined
    return typeof id === 'string' ? id : undefined
  } catch {
    return undefined
  }
}

/** The service is on the machine itself: what it does not answer at once, it may answer at the next try. */
async function repeated(tries: number, send: () => Promise<HttpAnswer>): Promise<HttpAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await send()
      if (answer.status < 500 || attempt >= tries) return answer
    } catch (error) {
      if (attempt >= tries) throw error
    }
  }
}
