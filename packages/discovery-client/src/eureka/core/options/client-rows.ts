/**
 * Every setting of the Eureka client as data: our name, its default and range, and what the Java client and Spring call it. The check of
 * the options and the table in the README are both made from it, so they cannot disagree.
 */

/** What is said about a setting beside its type. Names of Java and Spring are without `eureka.` and `eureka.client.` in front. */
export interface RowText {
  readonly netflix?: string
  readonly spring?: string
  readonly means: string
}

export interface NumberRow extends RowText {
  readonly default: number
  readonly min: number
  readonly max: number
}

export interface SwitchRow extends RowText {
  readonly default: boolean
}

/** A setting that is neither a number nor a switch; `default` is for readers. */
export interface OtherRow extends RowText {
  readonly default: string
}

export type DurationName =
  | 'registryFetchIntervalMs'
  | 'instanceInfoReplicationIntervalMs'
  | 'eurekaServiceUrlPollIntervalMs'
  | 'connectTimeoutMs'
  | 'readTimeoutMs'
  | 'connectionIdleTimeoutMs'
  | 'sessionedClientReconnectIntervalMs'
  | 'applicationsResolverDataStalenessThresholdMs'
  | 'stopTimeoutMs'

export type NumberName =
  | 'maxConnectionsPerServer'
  | 'maxBodyBytes'
  | 'maxRedirects'
  | 'maxAttempts'
  | 'heartbeatExponentialBackOffBound'
  | 'cacheRefreshExponentialBackOffBound'

export type SwitchName =
  | 'fetchRegistry'
  | 'enforceFetchRegistryAtInit'
  | 'enforceRegistrationAtInit'
  | 'unregisterOnShutdown'
  | 'onDemandUpdateStatusChange'
  | 'filterOnlyUpInstances'
  | 'disableDelta'
  | 'logDeltaDiff'
  | 'preferSameZone'
  | 'useDns'
  | 'applicationsResolverUseIp'
  | 'useIp'
  | 'preferSecure'

const MAX_MS = 2 ** 31 - 1
const HOUR_MS = 3_600_000
const MIB = 2 ** 20

export const DURATION_ROWS: Readonly<Record<DurationName, NumberRow>> = {
  registryFetchIntervalMs: {
    default: 30_000,
    min: 10,
    max: HOUR_MS,
    netflix: 'client.refresh.interval (s)',
    spring: 'registry-fetch-interval-seconds',
    means: 'time from one fetch of the registry to the next, spread by a tenth',
  },
  instanceInfoReplicationIntervalMs: {
    default: 30_000,
    min: 10,
    max: HOUR_MS,
    netflix: 'appinfo.replicate.interval (s)',
    spring: 'instance-info-replication-interval-seconds',
    means: 'time from one health check to the next; limits how often changes are sent at once',
  },
  eurekaServiceUrlPollIntervalMs: {
    default: 300_000,
    min: 100,
    max: MAX_MS,
    netflix: 'serviceUrlPollIntervalMs',
    spring: 'eureka-service-url-poll-interval-seconds',
    means: 'age at which the list of servers is made anew',
  },
  connectTimeoutMs: {
    default: 5_000,
    min: 1,
    max: HOUR_MS,
    netflix: 'eurekaServer.connectTimeout (s)',
    spring: 'eureka-server-connect-timeout-seconds',
    means: 'time to connect',
  },
  readTimeoutMs: {
    default: 8_000,
    min: 1,
    max: HOUR_MS,
    netflix: 'eurekaServer.readTimeout (s)',
    spring: 'eureka-server-read-timeout-seconds',
    means: 'time for request, answer and body; one attempt may last this and `connectTimeoutMs` together',
  },
  connectionIdleTimeoutMs: {
    default: 25_000,
    min: 0,
    max: HOUR_MS,
    netflix: 'eurekaserver.connectionIdleTimeoutInSeconds',
    spring: 'eureka-connection-idle-timeout-seconds',
    means: 'an idle connection is closed after it: before the servers do so, at 30 s; 0: none is kept',
  },
  sessionedClientReconnectIntervalMs: {
    default: 1_200_000,
    min: 1,
    max: MAX_MS,
    netflix: 'transport.sessionedClientReconnectIntervalSeconds',
    spring: 'transport.sessioned-client-reconnect-interval-seconds',
    means: 'time with one choice of a server, up to a half more or less',
  },
  applicationsResolverDataStalenessThresholdMs: {
    default: 300_000,
    min: 0,
    max: MAX_MS,
    netflix: 'transport.applicationsResolverDataStalenessThresholdSeconds',
    spring: 'transport.applications-resolver-data-staleness-threshold-seconds',
    means: 'how old the local registry may be to find servers in it',
  },
  stopTimeoutMs: {
    default: 3_000,
    min: 0,
    max: HOUR_MS,
    means: 'time that `stop()` may take, deregistration included',
  },
}

export const NUMBER_ROWS: Readonly<Record<NumberName, NumberRow>> = {
  maxConnectionsPerServer: {
    default: 50,
    min: 1,
    max: 10_000,
    netflix: 'eurekaServer.maxConnectionsPerHost',
    spring: 'eureka-server-total-connections-per-host',
    means: 'connections to one server',
  },
  maxBodyBytes: {
    default: 16 * MIB,
    min: 1_024,
    max: 1_024 * MIB,
    means: 'longest answer, before and after decompression; 10 000 instances take 10 MB',
  },
  maxRedirects: { default: 10, min: 0, max: 10, means: 'redirects in a row' },
  maxAttempts: { default: 3, min: 1, max: 100, means: 'servers to try for one operation' },
  heartbeatExponentialBackOffBound: {
    default: 10,
    min: 1,
    max: 1_000,
    netflix: 'client.heartbeat.exponentialBackOffBound',
    spring: 'heartbeat-executor-exponential-back-off-bound',
    means: 'intervals to wait after a registration that was refused as bad data',
  },
  cacheRefreshExponentialBackOffBound: {
    default: 10,
    min: 1,
    max: 1_000,
    netflix: 'client.cacheRefresh.exponentialBackOffBound',
    spring: 'cache-refresh-executor-exponential-back-off-bound',
    means: 'intervals to wait after a fetch that timed out, at most',
  },
}

export const SWITCH_ROWS: Readonly<Record<SwitchName, SwitchRow>> = {
  fetchRegistry: {
    default: true,
    netflix: 'shouldFetchRegistry',
    spring: 'fetch-registry',
    means: 'keep a local registry',
  },
  enforceFetchRegistryAtInit: {
    default: false,
    netflix: 'shouldEnforceFetchRegistryAtInit',
    means: '`start()` fails when the first fetch and the backup do',
  },
  enforceRegistrationAtInit: {
    default: false,
    netflix: 'shouldEnforceRegistrationAtInit',
    spring: 'should-enforce-registration-at-init',
    means: '`start()` fails when the first registration does',
  },
  unregisterOnShutdown: {
    default: true,
    netflix: 'shouldUnregisterOnShutdown',
    spring: 'should-unregister-on-shutdown',
    means: '`stop()` cancels the registration',
  },
  onDemandUpdateStatusChange: {
    default: true,
    netflix: 'shouldOnDemandUpdateStatusChange',
    spring: 'on-demand-update-status-change',
    means: 'a change of status or metadata is sent at once',
  },
  filterOnlyUpInstances: {
    default: true,
    netflix: 'shouldFilterOnlyUpInstances',
    spring: 'filter-only-up-instances',
    means: 'lookups answer only instances that are up',
  },
  disableDelta: {
    default: false,
    netflix: 'disableDelta',
    spring: 'disable-delta',
    means: 'fetch everything every time',
  },
  logDeltaDiff: {
    default: false,
    netflix: 'printDeltaFullDiff',
    spring: 'log-delta-diff',
    means: 'fetch everything after each delta, and tell what differs (event `deltaDiff`)',
  },
  preferSameZone: {
    default: true,
    netflix: 'preferSameZone',
    spring: 'prefer-same-zone-eureka',
    means: 'try the servers of our own zone first',
  },
  useDns: {
    default: false,
    netflix: 'shouldUseDns',
    spring: 'use-dns-for-fetching-service-urls',
    means: 'find servers by DNS TXT records',
  },
  applicationsResolverUseIp: {
    default: false,
    netflix: 'transport.applicationsResolverUseIp',
    spring: 'transport.applications-resolver-use-ip',
    means: 'address servers found by VIP by IP address, not by host name',
  },
  useIp: { default: false, means: 'address instances by IP address, not by host name' },
  preferSecure: { default: false, means: 'use the secure port of instances where both are open' },
}
