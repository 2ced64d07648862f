/** The servers of a region, from TXT records in DNS: first its zones, then the servers of each. */
import { askNameServers } from '../../transport/name-servers.js'
import type { NameServerOptions } from '../../transport/name-servers.js'
import { namesInTxt, regionRecord, zoneOfDomain, zoneRecords } from '../core/servers/dns-names.js'
import { registryError } from '../../transport/registry-errors.js'
import { ServiceUrl } from '../../transport/service-url.js'

/** The TXT records of a name, each as its strings. Rejects as `node:dns` does. */
export type ResolveTxt = (name: string, signal: AbortSignal) => Promise<readonly (readonly string[])[]>

/** Where the records are, and what they do not say about the servers. */
export interface DnsServersOptions {
  readonly resolveTxt: ResolveTxt
  readonly region: string
  readonly domainName: string
  readonly port: number
  readonly context: string
  readonly secure: boolean
}

/** A `ResolveTxt` that asks name servers. */
export function txtFrom(options: NameServerOptions): ResolveTxt {
  return (name, signal) => askNameServers((resolver) => resolver.resolveTxt(name), options, signal)
}

/**
 * Asks for each name once at a time: who asks while an answer is awaited waits for the same. A look-up of somebody else cannot be cancelled,
 * and one that hangs would be joined by another every few seconds (reliability §5, row 27).
 */
export function oncePerName(resolveTxt: (name: string) => ReturnType<ResolveTxt>): ResolveTxt {
  const underWay = new Map<string, ReturnType<ResolveTxt>>()
  return (name) => {
    const known = underWay.get(name)
    if (known !== undefined) return known
    const lookup = resolveTxt(name).finally(() => underWay.delete(name))
    underWay.set(name, lookup)
    return lookup
  }
}

/** Rejects with `ERR_REGISTRY_DNS` when there is no server in the end. One zone without a record does not hide the others. */
export async function serversInDns(
  options: DnsServersOptions,
  signal: AbortSignal,
): Promise<readonly ServiceUrl[]> {
  const { resolveTxt, region, domainName } = options
  const zones = namesInTxt(await resolveTxt(regionRecord(region, domainName), signal))
  const found = await Promise.allSettled(zones.map((zone) => serversOfZone(zone, options, signal)))
  const servers = found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
  if (servers.length > 0) return servers
  const failed = found.find((result) => result.status === 'rejected')
  const details = failed === undefined ? {} : { cause: failed.reason as unknown }
  throw registryError('DNS', `the records of ${regionRecord(region, domainName)} lead to no server`, details)
}

async function serversOfZone(
  zoneDomain: string,
  { resolveTxt, port, context, secure }: DnsServersOptions,
  signal: AbortSignal,
): Promise<readonly ServiceUrl[]> {
  const [record, bare] = zoneRecords(zoneDomain)
  let hosts = await resolveTxt(record, signal).then(namesInTxt, () => [])
  if (hosts.length === 0) hosts = namesInTxt(await resolveTxt(bare, signal))
  const scheme = secure ? 'https' : 'http'
  const path = context.replace(/^\/|\/$/g, '')
  return hosts.flatMap(
    (host) =>
      ServiceUrl.parse(`${scheme}://${host}:${String(port)}/${path}/`, zoneOfDomain(zoneDomain)) ?? [],
  )
}
