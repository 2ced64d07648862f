/** Who serves what, and where: a client of Eureka. */
export { amazonInfo } from './eureka/client/amazon-info.js'
export type { AmazonInfoOptions } from './eureka/client/amazon-info.js'
export { EurekaApi } from './eureka/client/eureka-api.js'
export { EurekaClient } from './eureka/client/eureka-client.js'
export type { VipLookup } from './eureka/client/eureka-client.js'
export type { EurekaEvents, RegistryEvent } from './eureka/client/events.js'
export type { MetadataChange } from './eureka/client/local-instance.js'
export type { DataCenterInfo, InstanceInfo, LeaseInfo, PortInfo } from './eureka/core/model/instance-info.js'
export type {
  EurekaClientOptions,
  EurekaServerDns,
  HealthCheckHandler,
} from './eureka/core/options/client-options.js'
export type { InstanceConfig } from './eureka/core/options/instance-config.js'
export type { Registry } from './eureka/core/registry/registry.js'
export type { ShrinkGuardOptions } from './eureka/core/registry/shrink-guard.js'
export type { RedirectPolicy } from './eureka/core/servers/redirect.js'
export type { ReadLimits } from './eureka/core/wire/read-parts.js'
export type { InstanceKey } from './eureka/core/wire/requests.js'
export type { ProxyOptions, TlsOptions } from './eureka/transport/connections.js'
export type { RegistryFault } from './eureka/transport/registry-errors.js'
export type { Instance, InstanceSource, InstanceStatus, Snapshot } from './instance.js'
