/** The settings that are neither numbers nor switches, for the table in the README. */
import type { OtherRow } from './client-rows.js'

export type OtherName =
  | 'serviceUrls'
  | 'instance'
  | 'registerWithEureka'
  | 'registryRefreshSingleVipAddress'
  | 'fetchRegistryForRemoteRegions'
  | 'region'
  | 'availabilityZones'
  | 'zone'
  | 'eurekaServer'
  | 'writeClusterVip'
  | 'readClusterVip'
  | 'limits'
  | 'allowRedirects'
  | 'tls'
  | 'proxy'
  | 'clientDataAccept'
  | 'retryableClientQuarantineRefreshPercentage'
  | 'shrinkGuard'
  | 'backupRegistry'
  | 'healthCheckHandler'
  | 'preRegistrationHandler'
  | 'headers'
  | 'resolveTxt'
  | 'name'
  | 'runtime'
  | 'clock'
  | 'random'

export const OTHER_ROWS: Readonly<Record<OtherName, OtherRow>> = {
  serviceUrls: {
    default: 'required without DNS',
    netflix: 'serviceUrl.ZONE',
    spring: 'service-url.ZONE',
    means: 'base URLs of the servers, as a list or by zone',
  },
  instance: { default: 'none: never registers', means: 'what to register, see below' },
  registerWithEureka: {
    default: 'true with an instance',
    netflix: 'registration.enabled',
    spring: 'register-with-eureka',
    means: 'register the instance and keep it registered',
  },
  registryRefreshSingleVipAddress: {
    default: 'none',
    netflix: 'registryRefreshSingleVipAddress',
    spring: 'registry-refresh-single-vip-address',
    means: 'fetch the instances of this VIP only, never a delta',
  },
  fetchRegistryForRemoteRegions: {
    default: 'none',
    netflix: 'fetchRemoteRegionsRegistry',
    spring: 'fetch-remote-regions-registry',
    means: 'further regions to fetch',
  },
  region: { default: 'us-east-1', netflix: 'region', spring: 'region', means: 'our own region' },
  availabilityZones: {
    default: 'none',
    netflix: 'REGION.availabilityZones',
    spring: 'availability-zones.REGION',
    means: 'zones by region',
  },
  zone: {
    default: "the instance's, else the first of the region",
    means: 'our own zone; Java takes the first listed one',
  },
  eurekaServer: {
    default: 'none',
    netflix: 'eurekaServer.domainName, .port, .context',
    spring: 'eureka-server-d-n-s-name, -port, -u-r-l-context',
    means: 'how to find servers by DNS: `{ domainName, port, context, secure }`',
  },
  writeClusterVip: {
    default: 'none',
    netflix: 'transport.writeClusterVip, .bootstrapResolverStrategy (composite)',
    spring: 'transport.write-cluster-vip, bootstrap-resolver-strategy',
    means: 'find the servers for registrations by this VIP',
  },
  readClusterVip: {
    default: 'none',
    netflix: 'transport.readClusterVip, .useBootstrapResolverForQuery (false)',
    spring: 'transport.read-cluster-vip, use-bootstrap-resolver-for-query',
    means: 'find the servers for queries by this VIP',
  },
  limits: {
    default: '20 000 instances, 64 metadata entries of 1 024 characters',
    means: 'how much of an answer is taken in: `{ maxInstances, maxMetadataEntries, maxMetadataChars }`',
  },
  allowRedirects: {
    default: 'known',
    netflix: 'allowRedirects (only a header)',
    spring: 'allow-redirects',
    means: 'where redirects may lead: to `known` servers, to `any`, to `none`',
  },
  tls: {
    default: 'authorities of Node',
    spring: 'tls.*',
    means: 'certificates: `{ ca, cert, key, pfx, passphrase, minVersion }`',
  },
  proxy: {
    default: 'none',
    netflix: 'eurekaServer.proxyHost, .proxyPort, .proxyUserName, .proxyPassword',
    spring: 'proxy-host, proxy-port, proxy-user-name, proxy-password',
    means: '`{ url }` of an HTTP proxy',
  },
  clientDataAccept: {
    default: 'full',
    netflix: 'clientDataAccept',
    spring: 'client-data-accept',
    means: '`full` or `compact` answers; compact ones have no metadata',
  },
  retryableClientQuarantineRefreshPercentage: {
    default: '0.66',
    netflix: 'transport.retryableClientQuarantineRefreshPercentage',
    spring: 'transport.retryable-client-quarantine-refresh-percentage',
    means: 'share of servers in quarantine at which it is emptied, 0 to 1',
  },
  shrinkGuard: {
    default: '50 % of all, 50 % of a service of two or more, 3 min',
    means:
      'put off a registry or a service that is suddenly empty or much smaller, until another fetch says the same: `{ maxShrinkPercent, maxServiceShrinkPercent, minServiceInstances, maxHoldMs }`; `false`: never',
  },
  backupRegistry: {
    default: 'none',
    netflix: 'backupregistry',
    spring: 'backup-registry-impl',
    means: 'asked for a registry when the first fetch fails',
  },
  healthCheckHandler: { default: 'none', spring: 'healthcheck.enabled', means: 'asked for our own status' },
  preRegistrationHandler: { default: 'none', means: 'called before the first registration' },
  headers: {
    default: 'none',
    means: 'further headers of every request, or a function that is asked before each',
  },
  resolveTxt: { default: 'DNS', means: 'reads TXT records' },
  name: { default: 'none', means: 'registers the client in the runtime, for metrics' },
  runtime: { default: 'the default one', means: 'where it is registered' },
  clock: { default: 'the system clock', means: 'time' },
  random: { default: 'the system', means: 'chance' },
}
