/** What a registry knows about one instance. Records are never changed, only replaced. */

export const INSTANCE_STATUSES = ['UP', 'DOWN', 'STARTING', 'OUT_OF_SERVICE', 'UNKNOWN'] as const

/** The states that Eureka knows. */
export type InstanceStatus = (typeof INSTANCE_STATUSES)[number]

/** What happened to an instance last. */
export type ActionType = 'ADDED' | 'MODIFIED' | 'DELETED'

export interface PortInfo {
  readonly number: number
  readonly enabled: boolean
}

export interface DataCenterInfo {
  readonly class: string
  readonly name: string
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** Texts that are passed on as they came, and left out when there is none. */
export const TEXT_FIELDS = [
  'instanceId',
  'sid',
  'appGroupName',
  'homePageUrl',
  'statusPageUrl',
  'healthCheckUrl',
  'secureHealthCheckUrl',
  'vipAddress',
  'secureVipAddress',
  'asgName',
] as const

export type TextField = (typeof TEXT_FIELDS)[number]

/** One instance as the server keeps it. */
export interface InstanceInfo {
  /** The key within its application. */
  readonly id: string
  readonly app: string
  readonly hostName: string
  readonly ipAddr: string
  readonly status: InstanceStatus
  readonly overriddenStatus: InstanceStatus
  readonly port: PortInfo
  readonly securePort: PortInfo
  readonly dataCenterInfo: DataCenterInfo
  readonly renewalIntervalSecs: number
  readonly durationSecs: number
  readonly metadata: Readonly<Record<string, string>>
  readonly texts: Readonly<Partial<Record<TextField, string>>>
  readonly isCoordinator: boolean
  readonly lastDirtyTimestamp: number
  readonly lastUpdatedTimestamp: number
  readonly actionType: ActionType
}

/** Whether `value` is exactly the name of a status. */
export function isStatus(value: unknown): value is InstanceStatus {
  return INSTANCE_STATUSES.some((status) => status === value)
}
