/** The settings of the instance to register, for the table in the README. */
import type { OtherRow } from './client-rows.js'
import type { InstanceConfig } from './instance-config.js'

export const INSTANCE_ROWS: Readonly<Record<keyof InstanceConfig, OtherRow>> = {
  appName: {
    default: 'required',
    netflix: 'name',
    spring: 'appname',
    means: 'name of the service; registered in upper case',
  },
  instanceId: {
    default: '`host:app:port`; at Amazon the id of the machine',
    netflix: 'instanceId',
    spring: 'instance-id',
    means: 'unique among all instances; no slashes',
  },
  hostName: {
    default: "the machine's",
    netflix: 'hostname',
    spring: 'hostname',
    means: 'name to reach it by',
  },
  ipAddr: {
    default: 'first address that is no loopback',
    netflix: 'ipAddress',
    spring: 'ip-address',
    means: 'its IP address',
  },
  preferIpAddress: {
    default: '`false`',
    spring: 'prefer-ip-address',
    means: 'register the IP address in the place of the host name',
  },
  port: { default: '80', netflix: 'port', spring: 'non-secure-port', means: '0 to 65 535' },
  portEnabled: {
    default: '`true`',
    netflix: 'port.enabled',
    spring: 'non-secure-port-enabled',
    means: 'whether it is open',
  },
  securePort: { default: '443', netflix: 'securePort', spring: 'secure-port', means: '0 to 65 535' },
  securePortEnabled: {
    default: 'with a `securePort`',
    netflix: 'securePort.enabled',
    spring: 'secure-port-enabled',
    means: 'whether it is open',
  },
  vipAddress: {
    default: '`appName` in lower case',
    netflix: 'vipAddress',
    spring: 'virtual-host-name',
    means: "names under which it is found, separated by commas; Spring's clients look here",
  },
  secureVipAddress: {
    default: '`appName` in lower case',
    netflix: 'secureVipAddress',
    spring: 'secure-virtual-host-name',
    means: 'the same for the secure port',
  },
  status: {
    default: '`UP`',
    netflix: 'traffic.enabled (true)',
    spring: 'initial-status, instance-enabled-onit',
    means: 'status of the first registration; Java begins as `STARTING`',
  },
  metadata: { default: 'none', netflix: 'metadata.*', spring: 'metadata-map.*', means: 'texts by name' },
  leaseRenewalIntervalMs: {
    default: '30 000 (10 to 2 147 483 647)',
    netflix: 'lease.renewalInterval (s)',
    spring: 'lease-renewal-interval-in-seconds',
    means: 'time from one heartbeat to the next, spread by a tenth',
  },
  leaseExpirationMs: {
    default: 'three renewal intervals',
    netflix: 'lease.duration (s)',
    spring: 'lease-expiration-duration-in-seconds',
    means: 'lease without heartbeats; servers wait twice as long',
  },
  homePageUrl: {
    default: '/',
    netflix: 'homePageUrlPath, homePageUrl',
    spring: 'home-page-url-path, home-page-url',
    means: 'a path, or a URL in which `${hostname}` stands for the host',
  },
  statusPageUrl: {
    default: '/info',
    netflix: 'statusPageUrlPath, statusPageUrl',
    spring: 'status-page-url-path, status-page-url',
    means: 'the same; old dashboards need it',
  },
  healthCheckUrl: {
    default: '/health',
    netflix: 'healthCheckUrlPath, healthCheckUrl',
    spring: 'health-check-url-path, health-check-url',
    means: 'the same',
  },
  secureHealthCheckUrl: {
    default: 'as `healthCheckUrl` with a secure port',
    netflix: 'secureHealthCheckUrl',
    spring: 'secure-health-check-url',
    means: 'the same',
  },
  appGroupName: {
    default: 'none',
    netflix: 'appGroup',
    spring: 'app-group-name',
    means: 'a group of services',
  },
  asgName: {
    default: 'none',
    netflix: 'asgName',
    spring: 'a-s-g-name',
    means: 'auto-scaling group at Amazon',
  },
  dataCenterInfo: {
    default: "`{ name: 'MyOwn' }`",
    netflix: 'CloudInstanceConfig',
    spring: 'data-center-info',
    means: 'where it runs; at Amazon with its metadata',
  },
}
