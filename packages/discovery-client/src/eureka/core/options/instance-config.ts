/** What a service says about itself to be registered. */
import type { InstanceStatus } from '../../../instance.js'
import type { DataCenterInfo } from '../model/instance-info.js'

/** The instance to register. Java's and Spring's names are in the README's table. */
export interface InstanceConfig {
  /** The name of the service. Registered in upper case; found without case. */
  readonly appName: string
  /** Default: `<host>:<app>:<port>`, as Spring makes it; the instance id at Amazon. No slashes. */
  readonly instanceId?: string | undefined
  /** Default: the name of the machine; with `preferIpAddress` its IP address. */
  readonly hostName?: string | undefined
  /** Default: the first address of the machine that is no loopback. */
  readonly ipAddr?: string | undefined
  /** Register the IP address in the place of the host name. Default `false`. */
  readonly preferIpAddress?: boolean | undefined
  /** 0 to 65 535; 0 only while `portEnabled` is `false`, or to be set before the start. Default 80. */
  readonly port?: number | undefined
  /** Default `true`. */
  readonly portEnabled?: boolean | undefined
  /** Default 443. */
  readonly securePort?: number | undefined
  /** Default: whether `securePort` is given. */
  readonly securePortEnabled?: boolean | undefined
  /** One or several names, separated by commas. Default: `appName` in lower case, as Spring's clients look it up. `null`: none. */
  readonly vipAddress?: string | null | undefined
  readonly secureVipAddress?: string | null | undefined
  /** What it is registered as at the start. Default `UP`; Java begins as `STARTING`. */
  readonly status?: InstanceStatus | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  /** Default 30 000 ms, whole seconds on the wire. */
  readonly leaseRenewalIntervalMs?: number | undefined
  /** Default: three renewal intervals; at least as long as one. Servers let a lease run out after twice that time. */
  readonly leaseExpirationMs?: number | undefined
  /** Path below the host, or a whole URL in which `${hostname}` stands for the host. Default `/`. */
  readonly homePageUrl?: string | undefined
  /** Default `/info`. Old dashboards need it. */
  readonly statusPageUrl?: string | undefined
  /** Default `/health`. */
  readonly healthCheckUrl?: string | undefined
  /** Default: none, or the path of `healthCheckUrl` if the secure port is enabled. */
  readonly secureHealthCheckUrl?: string | undefined
  readonly appGroupName?: string | undefined
  readonly asgName?: string | undefined
  /** Default: `{ name: 'MyOwn' }`. */
  readonly dataCenterInfo?: DataCenterInfo | undefined
}

/** What the machine is called. */
export interface LocalAddress {
  readonly hostName: string
  readonly ipAddr: string
}
