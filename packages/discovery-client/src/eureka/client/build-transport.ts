/** The transport that the options of a client describe. */
import { invalidArgument } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import type { ResolvedEurekaOptions } from '../core/options/client-options.js'
import { zoneOf } from '../core/model/instance-info.js'
import type { InstanceInfo } from '../core/model/instance-info.js'
import { checkHeaders } from '../core/options/text-maps.js'
import { orderServers } from '../core/servers/order.js'
import { readApplications } from '../core/wire/read-applications.js'
import type { ReadLimits } from '../core/wire/read-parts.js'
import { vipRequest } from '../core/wire/requests.js'
import { oncePerName, serversInDns, txtFrom } from '../transport/dns-servers.js'
import type { ResolveTxt } from '../transport/dns-servers.js'
import { EurekaTransport } from '../transport/eureka-transport.js'
import { ServerList } from '../transport/server-list.js'
import { VipServers } from '../transport/vip-servers.js'
import { breathe } from './breathe.js'
import { registryError } from '../../transport/registry-errors.js'
import { ServiceUrl } from '../../transport/service-url.js'

/** What the transport needs beside the options. */
export interface TransportContext {
  readonly clock: Clock
  readonly instance: InstanceInfo | undefined
  /** Told to servers, which show it in their logs. */
  readonly ipAddr: string
  /** Instances with a VIP by the local registry; none when that is too old. */
  readonly localVip: (vip: string) => readonly InstanceInfo[]
  /** Hears when the list of servers cannot be made anew. */
  readonly onServerListError: (error: Error) => void
}

const AGENT = 'Breakwater'

type Headers = Readonly<Record<string, string>>

export function buildTransport(options: ResolvedEurekaOptions, context: TransportContext): EurekaTransport {
  const { clock } = context
  const bootstrap = serverList(options, context)
  const byVip = (vip: string | undefined): ServerList<ServiceUrl> =>
    vip === undefined ? bootstrap : serverListByVip(vip, bootstrap, () => transport, { ...context, options })
  const transport: EurekaTransport = new EurekaTransport({
    clock,
    random: options.random,
    servers: {
      bootstrap,
      registration: byVip(options.writeClusterVip),
      query: byVip(options.readClusterVip),
    },
    choice: {
      sessionMs: options.sessionedClientReconnectIntervalMs,
      quarantineShare: options.retryableClientQuarantineRefreshPercentage,
      maxAttempts: options.maxAttempts,
    },
    redirects: options.allowRedirects,
    maxRedirects: options.maxRedirects,
    headers: headersOf(options, context),
    connectTimeoutMs: options.connectTimeoutMs,
    readTimeoutMs: options.readTimeoutMs,
    idleTimeoutMs: options.connectionIdleTimeoutMs,
    maxConnectionsPerServer: options.maxConnectionsPerServer,
    maxBodyBytes: options.maxBodyBytes,
    tls: options.tls,
    proxy: options.proxy,
  })
  return transport
}

function headersOf(options: ResolvedEurekaOptions, context: TransportContext): () => Headers {
  const { headers } = options
  if (typeof headers === 'function') return () => withOurs(asked(headers), options, context)
  const fixed = withOurs(headers, options, context)
  return () => fixed
}

/** What a function of the user's says, when it can be sent. */
function asked(headers: () => Headers): Headers {
  let given: unknown
  try {
    given = headers()
  } catch (cause) {
    throw registryError('STATUS', 'the function for the headers throws', { cause })
  }
  if (checkHeaders(given) !== undefined)
    throw registryError('STATUS', 'the function for the headers answers with none')
  return given as Headers
}

function withOurs(
  headers: Headers,
  { clientDataAccept, allowRedirects }: ResolvedEurekaOptions,
  { ipAddr }: TransportContext,
): Headers {
  return {
    // Privileged: servers exempt this name from their limits of rate.
    'discoveryidentity-name': 'DefaultClient',
    'discoveryidentity-version': '1.4',
    'discoveryidentity-id': ipAddr,
    'user-agent': AGENT,
    ...inSmallLetters(headers),
    accept: 'application/json',
    // Always: without it old servers answer in XML, and others pack the answer anyway.
    'accept-encoding': 'gzip',
    ...(clientDataAccept === 'compact' ? { 'x-eureka-accept': 'compact' } : {}),
    ...(allowRedirects === 'none' ? {} : { 'x-discovery-allowredirect': 'true' }),
  }
}

/** Names without case, so that none is sent twice. */
function inSmallLetters(headers: Headers): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function serverList(options: ResolvedEurekaOptions, context: TransportContext): ServerList<ServiceUrl> {
  const { random, preferSameZone, connectTimeoutMs, readTimeoutMs } = options
  const zone = preferSameZone ? ownZone(options, context.instance) : undefined
  const find = options.useDns ? findInDns(options) : findConfigured(options)
  return new ServerList({
    clock: context.clock,
    load: async (signal) => orderServers(await find(signal), zone, random),
    refreshMs: options.eurekaServiceUrlPollIntervalMs,
    limitMs: connectTimeoutMs + readTimeoutMs,
    onError: context.onServerListError,
  })
}

/** Servers that the registry itself tells of. */
function serverListByVip(
  vip: string,
  bootstrap: ServerList<ServiceUrl>,
  transport: () => EurekaTransport,
  {
    options,
    clock,
    instance,
    localVip,
    onServerListError,
  }: TransportContext & { options: ResolvedEurekaOptions },
): ServerList<ServiceUrl> {
  const { random, preferSameZone, connectTimeoutMs, readTimeoutMs, maxAttempts, limits } = options
  const zone = preferSameZone ? ownZone(options, instance) : undefined
  const servers = new VipServers({
    vip,
    bootstrap: () => bootstrap.get(),
    local: localVip,
    remote: (name) => instancesOfVip(transport(), name, clock, limits),
    context: options.eurekaServer?.context.replace(/^\/|\/$/g, ''),
    useIp: options.applicationsResolverUseIp,
  })
  return new ServerList({
    clock,
    load: async () => orderServers(await servers.find(), zone, random),
    refreshMs: options.eurekaServiceUrlPollIntervalMs,
    limitMs: (connectTimeoutMs + readTimeoutMs) * maxAttempts,
    onError: onServerListError,
  })
}

async function instancesOfVip(
  transport: EurekaTransport,
  vip: string,
  clock: Clock,
  limits: ReadLimits,
): Promise<readonly InstanceInfo[]> {
  const { value: read } = await transport.send('bootstrap', vipRequest(vip), (json, signal) =>
    breathe(readApplications(json, limits), clock, signal),
  )
  if (read?.kind !== 'applications') throw registryError('BODY', 'the answer is no list of instances')
  return read.entries.flatMap((entry) => (entry.kind === 'instance' ? entry.info : []))
}

type Find = (signal: AbortSignal) => Promise<readonly ServiceUrl[]>

function findConfigured({ serviceUrls }: ResolvedEurekaOptions): Find {
  const servers = [...serviceUrls].flatMap(([zone, urls]) => urls.map((url) => parsed(url, zone)))
  return () => Promise.resolve(servers)
}

function findInDns(options: ResolvedEurekaOptions): Find {
  const { eurekaServer, region, connectTimeoutMs } = options
  if (eurekaServer === undefined) return () => Promise.resolve([])
  const { resolveTxt: given } = options
  const resolveTxt: ResolveTxt =
    given === undefined ? txtFrom({ timeoutMs: connectTimeoutMs }) : oncePerName(async (name) => given(name))
  return (signal) => serversInDns({ ...eurekaServer, region, resolveTxt }, signal)
}

function ownZone(
  { zone, availabilityZones, region, serviceUrls }: ResolvedEurekaOptions,
  instance: InstanceInfo | undefined,
): string | undefined {
  const [first] = availabilityZones.get(region) ?? serviceUrls.keys()
  return zone ?? (instance === undefined ? undefined : zoneOf(instance)) ?? first
}

function parsed(url: string, zone: string): ServiceUrl {
  const server = ServiceUrl.parse(url, zone)
  if (server !== undefined) return server
  const expected = 'an http or https URL with properly encoded credentials'
  throw invalidArgument('EurekaClient', { path: 'serviceUrls', received: url, expected })
}
