/** Who comes from Java finds each of his settings: those of Netflix's client, transport and instance, and those of Spring. */
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const NETFLIX = `
registration.enabled shouldFetchRegistry client.refresh.interval appinfo.replicate.interval appinfo.initial.replicate.time
serviceUrlPollIntervalMs shouldEnforceFetchRegistryAtInit shouldEnforceRegistrationAtInit shouldUnregisterOnShutdown
shouldOnDemandUpdateStatusChange shouldFilterOnlyUpInstances disableDelta printDeltaFullDiff
registryRefreshSingleVipAddress fetchRemoteRegionsRegistry region availabilityZones serviceUrl preferSameZone shouldUseDns
eurekaServer.domainName .port .context eurekaServer.connectTimeout eurekaServer.readTimeout
eurekaServer.maxTotalConnections eurekaServer.maxConnectionsPerHost eurekaserver.connectionIdleTimeoutInSeconds
eurekaServer.proxyHost .proxyPort .proxyUserName .proxyPassword eurekaServer.gzipContent allowRedirects
client.heartbeat.threadPoolSize client.cacheRefresh.threadPoolSize client.heartbeat.exponentialBackOffBound
client.cacheRefresh.exponentialBackOffBound backupregistry clientDataAccept encoderName decoderName dollarReplacement
escapeCharReplacement experimental
transport.sessionedClientReconnectIntervalSeconds transport.retryableClientQuarantineRefreshPercentage
transport.applicationsResolverDataStalenessThresholdSeconds transport.applicationsResolverUseIp
transport.asyncResolverRefreshIntervalMs transport.asyncResolverWarmupTimeoutMs transport.asyncExecutorThreadPoolSize
transport.writeClusterVip transport.readClusterVip .bootstrapResolverStrategy .useBootstrapResolverForQuery
instanceId name appGroup traffic.enabled port port.enabled securePort securePort.enabled lease.renewalInterval
lease.duration vipAddress secureVipAddress asgName metadata CloudInstanceConfig hostname ipAddress statusPageUrlPath
statusPageUrl homePageUrlPath homePageUrl healthCheckUrlPath healthCheckUrl secureHealthCheckUrl
defaultAddressResolutionOrder broadcastPublicIpv4 namespace asyncClientInitialization validateInstanceId
logAmazonMetadataErrors mt.connect_timeout mt.read_timeout mt.num_retries mt.fail_fast_on_first_load`

const SPRING = `
register-with-eureka fetch-registry registry-fetch-interval-seconds instance-info-replication-interval-seconds
initial-instance-info-replication-interval-seconds eureka-service-url-poll-interval-seconds
should-enforce-registration-at-init should-unregister-on-shutdown on-demand-update-status-change
filter-only-up-instances disable-delta log-delta-diff registry-refresh-single-vip-address fetch-remote-regions-registry
region availability-zones service-url prefer-same-zone-eureka use-dns-for-fetching-service-urls
eureka-server-d-n-s-name eureka-server-connect-timeout-seconds eureka-server-read-timeout-seconds
eureka-server-total-connections eureka-server-total-connections-per-host eureka-connection-idle-timeout-seconds
proxy-host proxy-port proxy-user-name proxy-password allow-redirects heartbeat-executor-exponential-back-off-bound
cache-refresh-executor-exponential-back-off-bound backup-registry-impl client-data-accept healthcheck.enabled tls timeout
webclient jersey refresh order enabled
transport.sessioned-client-reconnect-interval-seconds transport.retryable-client-quarantine-refresh-percentage
transport.applications-resolver-data-staleness-threshold-seconds transport.applications-resolver-use-ip
transport.write-cluster-vip transport.read-cluster-vip bootstrap-resolver-strategy use-bootstrap-resolver-for-query
instance-id appname app-group-name instance-enabled-onit initial-status non-secure-port non-secure-port-enabled
secure-port secure-port-enabled lease-renewal-interval-in-seconds lease-expiration-duration-in-seconds
virtual-host-name secure-virtual-host-name a-s-g-name metadata-map data-center-info hostname ip-address prefer-ip-address
status-page-url-path status-page-url home-page-url-path home-page-url health-check-url-path health-check-url
secure-health-check-url`

const [, settings = ''] = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8').split(
  '## Settings',
)
/** Every name between blanks, commas and marks; `serviceUrl.ZONE` and `metadata.*` are also what stands before the dot. */
const named = new Set(
  settings
    .split(/[\s,;|`()]+/)
    .flatMap((word) => [word, word.replace(/[.](?:\*|[A-Z]+)$/, ''), word.replace(/^[A-Z]+[.]/, '')]),
)

it.each([
  ['Netflix', NETFLIX],
  ['Spring', SPRING],
])('the README names every setting of %s', (_whose, names) => {
  const wanted = names.trim().split(/\s+/)

  expect(wanted.filter((name) => !named.has(name))).toEqual([])
})
