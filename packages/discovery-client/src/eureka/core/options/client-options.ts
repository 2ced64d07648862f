/** The options of the Eureka client as users write them, and as they are in force. */
import type { Clock, Random, Runtime } from '@breakwater/kernel'
import type { InstanceStatus } from '../../../instance.js'
import type { ProxyOptions, TlsOptions } from '../../../transport/connections.js'
import type { ShrinkGuardOptions } from '../registry/shrink-guard.js'
import type { RedirectPolicy } from '../servers/redirect.js'
import type { ReadLimits } from '../wire/read-parts.js'
import type { DurationName, NumberName, SwitchName } from './client-rows.js'
import type { InstanceConfig } from './instance-config.js'
import type { ResolvedInstance } from './resolve-instance.js'

/** How servers are found by DNS TXT records. */
export interface EurekaServerDns {
  /** The records are `txt.<region>.<domainName>` and those that it names. */
  readonly domainName: string
  /** Default 8761. */
  readonly port?: number | undefined
  /** The path of the service, such as `eureka/v2`. Default `eureka`. */
  readonly context?: string | undefined
  /** Whether servers speak TLS. Default `false`, as in Java. */
  readonly secure?: boolean | undefined
}

/** The same, with its defaults. */
type ResolvedServerDns = { readonly [K in keyof EurekaServerDns]-?: NonNullable<EurekaServerDns[K]> }

/** Answers the status of our own instance; `null` and `undefined` change nothing, a throw is `DOWN`. */
export type HealthCheckHandler = (
  current: InstanceStatus,
) => InstanceStatus | null | undefined | PromiseLike<InstanceStatus | null | undefined>

/** The options of an `EurekaClient`. All names beside `serviceUrls` are Eureka's; the README's table has what Java and Spring call them. */
export interface EurekaClientOptions {
  /** Base URLs of the servers, of one zone or by zone: `http://host:8761/eureka/`. User name and password may be part of them. */
  readonly serviceUrls?: readonly string[] | Readonly<Record<string, readonly string[]>> | undefined
  /** What to register. Without it the client only reads. */
  readonly instance?: InstanceConfig | undefined
  /** Default: whether there is an `instance`. */
  readonly registerWithEureka?: boolean | undefined
  /** Keep a local registry. Default `true`. */
  readonly fetchRegistry?: boolean | undefined
  /** From one fetch to the next, spread by a tenth either way. Default 30 000 ms. */
  readonly registryFetchIntervalMs?: number | undefined
  /** From one health check to the next. Default 30 000 ms. */
  readonly instanceInfoReplicationIntervalMs?: number | undefined
  /** The age at which the list of servers is made anew. Default 300 000 ms. */
  readonly eurekaServiceUrlPollIntervalMs?: number | undefined
  /** `start()` fails when the first fetch and the backup do. Default `false`. */
  readonly enforceFetchRegistryAtInit?: boolean | undefined
  /** `start()` fails when the first registration does. Default `false`. */
  readonly enforceRegistrationAtInit?: boolean | undefined
  /** `stop()` cancels the registration. Default `true`. */
  readonly unregisterOnShutdown?: boolean | undefined
  /** A change of status or metadata is sent at once. Default `true`. */
  readonly onDemandUpdateStatusChange?: boolean | undefined
  /** Lookups answer only instances that are up. Default `true`. */
  readonly filterOnlyUpInstances?: boolean | undefined
  /** Fetch everything every time. Default `false`. */
  readonly disableDelta?: boolean | undefined
  /** Fetch everything after each delta, and tell what differs by the event `deltaDiff`. Default `false`. */
  readonly logDeltaDiff?: boolean | undefined
  /** Fetch the instances of this VIP only. Default: all instances. */
  readonly registryRefreshSingleVipAddress?: string | undefined
  /** Further regions to fetch. Each needs its `availabilityZones`. Default: none. */
  readonly fetchRegistryForRemoteRegions?: readonly string[] | undefined
  /** Our own region. Default `us-east-1`. */
  readonly region?: string | undefined
  /** The zones of regions. */
  readonly availabilityZones?: Readonly<Record<string, readonly string[]>> | undefined
  /** Our own zone. Default: that of the instance (Amazon's, or `metadata.zone`), else the first one of the region. */
  readonly zone?: string | undefined
  /** Try the servers of our own zone first. Default `true`. */
  readonly preferSameZone?: boolean | undefined
  /** Find servers by DNS TXT records, with `eurekaServer`. Default `false`. */
  readonly useDns?: boolean | undefined
  /** What DNS does not tell about servers. Its `context` is also that of servers that are found by VIP. */
  readonly eurekaServer?: EurekaServerDns | undefined
  /** Find the servers that take registrations by this VIP, in the registry itself, by way of `serviceUrls` or DNS. Default: no. */
  readonly writeClusterVip?: string | undefined
  /** Find the servers that answer queries by this VIP. Default: no. */
  readonly readClusterVip?: string | undefined
  /** How old the local registry may be to find servers in it. Default 300 000 ms. */
  readonly applicationsResolverDataStalenessThresholdMs?: number | undefined
  /** Address servers found by VIP by IP address. Default `false`: by host name. */
  readonly applicationsResolverUseIp?: boolean | undefined
  /** Default 5 000 ms. */
  readonly connectTimeoutMs?: number | undefined
  /** For request, answer and body. An attempt may last `connectTimeoutMs` and this together, however it spends them. Default 8 000 ms. */
  readonly readTimeoutMs?: number | undefined
  /** Default 25 000 ms: servers close idle connections after 30 s. With 0, each request has a connection of its own. */
  readonly connectionIdleTimeoutMs?: number | undefined
  /** Default 50. */
  readonly maxConnectionsPerServer?: number | undefined
  /** The longest answer, before and after decompression. Default 16 MiB, some 17 000 instances. */
  readonly maxBodyBytes?: number | undefined
  /** How much of an answer is taken in. Default 20 000 instances, 64 metadata entries of 1 024 characters. */
  readonly limits?: Partial<ReadLimits> | undefined
  /** Where redirects may lead. Default `known`: to servers of the list. */
  readonly allowRedirects?: RedirectPolicy | undefined
  /** Redirects in a row, 0 to 10. Default 10. */
  readonly maxRedirects?: number | undefined
  /** Servers to try for one operation. Default 3. */
  readonly maxAttempts?: number | undefined
  readonly tls?: TlsOptions | undefined
  readonly proxy?: ProxyOptions | undefined
  /** Compact answers lack metadata, URLs and stamps. Default `full`. */
  readonly clientDataAccept?: 'full' | 'compact' | undefined
  /** How long to stay with one choice of a server. Default 1 200 000 ms. */
  readonly sessionedClientReconnectIntervalMs?: number | undefined
  /** The share of servers in quarantine at which it is emptied, 0 to 1. Default 0.66. */
  readonly retryableClientQuarantineRefreshPercentage?: number | undefined
  /** Intervals to wait after a registration that was refused as bad data. Default 10. */
  readonly heartbeatExponentialBackOffBound?: number | undefined
  /** Intervals to wait after fetches that timed out, at most. Default 10. */
  readonly cacheRefreshExponentialBackOffBound?: number | undefined
  /** Puts off a registry, or a service, that is suddenly empty or much smaller. `false` applies everything at once, as Java does. */
  readonly shrinkGuard?: Partial<ShrinkGuardOptions> | false | undefined
  /** Asked when the first fetch fails, and never again: a registry in the form of a server's JSON answer. It has 30 s for it. */
  readonly backupRegistry?: (() => unknown) | undefined
  readonly healthCheckHandler?: HealthCheckHandler | undefined
  /** Called before the first registration. A throw makes `start()` fail. */
  readonly preRegistrationHandler?: (() => unknown) | undefined
  /** The time that `stop()` may take. Default 3 000 ms. */
  readonly stopTimeoutMs?: number | undefined
  /**
   * Further headers of every request to the registry, or a function that is asked for them before each, for tokens that
   * change: values of one line in Latin-1, and none of the connection (`content-length`, …). A request for which it throws,
   * or answers with something else, fails.
   */
  readonly headers?: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>) | undefined
  /** Address instances by IP address. Default `false`: by host name. */
  readonly useIp?: boolean | undefined
  /** Use the secure port of instances where both are open. Default `false`. */
  readonly preferSecure?: boolean | undefined
  /** Reads TXT records: each is a list of strings. Default: DNS. Not asked for a name again before it has answered. */
  readonly resolveTxt?: ((name: string) => PromiseLike<readonly (readonly string[])[]>) | undefined
  readonly name?: string | undefined
  readonly runtime?: Runtime | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

type InForce<K extends keyof EurekaClientOptions> = {
  readonly [P in K]-?: Exclude<EurekaClientOptions[P], undefined>
}
type OrAbsent<K extends keyof EurekaClientOptions> = {
  readonly [P in K]-?: EurekaClientOptions[P] | undefined
}

/** Options as they are in force, frozen. */
export interface ResolvedEurekaOptions
  extends
    InForce<DurationName>,
    InForce<NumberName>,
    InForce<SwitchName>,
    InForce<
      | 'registerWithEureka'
      | 'region'
      | 'fetchRegistryForRemoteRegions'
      | 'allowRedirects'
      | 'clientDataAccept'
      | 'retryableClientQuarantineRefreshPercentage'
      | 'headers'
      | 'random'
    >,
    OrAbsent<
      | 'registryRefreshSingleVipAddress'
      | 'writeClusterVip'
      | 'readClusterVip'
      | 'zone'
      | 'tls'
      | 'proxy'
      | 'backupRegistry'
      | 'healthCheckHandler'
      | 'preRegistrationHandler'
      | 'resolveTxt'
      | 'name'
      | 'runtime'
      | 'clock'
    > {
  /** As given, with their credentials: to be parsed at once and not to be shown. By zone, in the order of the zones. */
  readonly serviceUrls: ReadonlyMap<string, readonly string[]>
  readonly availabilityZones: ReadonlyMap<string, readonly string[]>
  readonly eurekaServer: ResolvedServerDns | undefined
  readonly instance: ResolvedInstance | undefined
  readonly limits: ReadLimits
  readonly shrinkGuard: ShrinkGuardOptions | false
}
