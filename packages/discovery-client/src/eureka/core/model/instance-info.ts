/**
 * An instance as Eureka knows it: every field of the wire format under the names that Eureka's users know, with the
 * types the wire format should have had. What comes from a server has been checked before it gets this type.
 */
import type { EpochMs } from '@breakwater/kernel'
import type { InstanceStatus } from '../../../instance.js'

/** What happened to an instance, in a delta. */
export type ActionType = 'ADDED' | 'MODIFIED' | 'DELETED'

/** One port and whether it is open. `number` is 0 to 65 535; 0 is seen while an instance starts. */
export interface PortInfo {
  readonly number: number
  readonly enabled: boolean
}

/** Where an instance runs. Only Amazon's carries metadata (`instance-id`, `availability-zone`, `local-ipv4`, …). */
export type DataCenterInfo =
  | { readonly name: 'MyOwn' | 'Netflix' }
  | { readonly name: 'Amazon'; readonly metadata: Readonly<Record<string, string>> }

/** The lease by which a server keeps an instance. Stamps are by the server's wall clock; those of lists are stale. */
export interface LeaseInfo {
  readonly renewalIntervalMs: number
  readonly durationMs: number
  readonly registrationTimestamp?: EpochMs
  /** In the future after a heartbeat: Eureka stores the end of the lease here. */
  readonly lastRenewalTimestamp?: EpochMs
  readonly evictionTimestamp?: EpochMs
  readonly serviceUpTimestamp?: EpochMs
}

/** One registered instance, frozen. Optional fields are those that servers omit (all of them in compact mode). */
export interface InstanceInfo {
  /** Unique within its application; the Amazon instance id or the host name where the registrant sent none. */
  readonly instanceId: string
  /** Upper case. */
  readonly app: string
  readonly hostName: string
  /** Empty when the server sent none, or nothing that is an address. */
  readonly ipAddr: string
  readonly status: InstanceStatus
  /** What an operator set in place of the status; `UNKNOWN` is none. */
  readonly overriddenStatus: InstanceStatus
  readonly port: PortInfo
  readonly securePort: PortInfo
  readonly dataCenterInfo: DataCenterInfo
  /** An object without a prototype. */
  readonly metadata: Readonly<Record<string, string>>
  readonly leaseInfo?: LeaseInfo
  readonly countryId?: number
  readonly appGroupName?: string
  readonly asgName?: string
  readonly sid?: string
  /** One or several names, separated by commas. */
  readonly vipAddress?: string
  readonly secureVipAddress?: string
  readonly homePageUrl?: string
  readonly statusPageUrl?: string
  readonly healthCheckUrl?: string
  readonly secureHealthCheckUrl?: string
  readonly isCoordinatingDiscoveryServer: boolean
  readonly lastUpdatedTimestamp?: EpochMs
  readonly lastDirtyTimestamp?: EpochMs
  readonly actionType?: ActionType
}

/** Every status, in the alphabetical order of the hash. */
export const INSTANCE_STATUSES = ['DOWN', 'OUT_OF_SERVICE', 'STARTING', 'UNKNOWN', 'UP'] as const

/** Whether `text` is the exact name of a status. */
export function isInstanceStatus(text: unknown): text is InstanceStatus {
  return (INSTANCE_STATUSES as readonly unknown[]).includes(text)
}

/** The availability zone of an instance: Amazon's if it runs there, else `metadata.zone`. */
export function zoneOf(info: Pick<InstanceInfo, 'dataCenterInfo' | 'metadata'>): string | undefined {
  const { dataCenterInfo, metadata } = info
  const amazon = dataCenterInfo.name === 'Amazon' ? dataCenterInfo.metadata['availability-zone'] : undefined
  return amazon ?? metadata['zone']
}
