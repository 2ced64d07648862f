/** Who serves what, and where: a client of Eureka. */
export { amazonInfo } from './eureka/client/amazon-info.js'
export type { AmazonInfoOptions } from './eureka/client/amazon-info.js'
export { EurekaApi } from './eureka/client/eureka-api.js'
export { EurekaClient } from './eureka/client/eureka-client.js'
export type { VipLookup } from './eureka/client/eureka-client.js'
export type { EurekaEvents, RegistryEvent } from './eureka/client/events.js'
export type { HeldInstances } from './eureka/client/held-services.js'
export type { MetadataChange } from './eureka/client/local-instance.js'
export type { DeltaDiff } from './eureka/client/registry-fetcher.js'
export type { DataCenterInfo, InstanceInfo, LeaseInfo, PortInfo } from './eureka/core/model/instance-info.js'
export type {
  EurekaClientOptions,
  EurekaServerDns,
  HealthCheckHandler,
} from './eureka/core/options/client-options.js'
export type { InstanceConfig } from './eureka/core/options/instance-config.js'
export type { InstanceDifference } from './eureka/core/registry/diff.js'
export type { Registry } from './eureka/core/registry/registry.js'
export type { ShrinkGuardOptions } from './eureka/core/registry/shrink-guard.js'
export type { RedirectPolicy } from './eureka/core/servers/redirect.js'
export type { ReadLimits } from './eureka/core/wire/read-parts.js'
export type { InstanceKey } from './eureka/core/wire/requests.js'
export type { ProxyOptions, TlsOptions } from './transport/connections.js'
export type { RegistryFault } from './transport/registry-errors.js'
export type { Instance, InstanceSource, InstanceStatus, Snapshot } from './instance.js'
export { createBalancer } from './balancing/balancer.js'
export type { Balancer } from './balancing/balancer.js'
export type { BalancedInstance, BalancerSnapshot } from './balancing/balancer-snapshot.js'
export type { BalancerEvents } from './balancing/balancer-events.js'
export type { BalancerOptions, Judge } from './balancing/balancer-options.js'
export type { StrategyName } from './balancing/core/built-in.js'
export type { Ask, Candidate, Picker, Strategy } from './balancing/core/strategy.js'
export type { HealthPhase } from './balancing/core/ejection/health.js'
export type { EjectionDetector, FailureOrigin, SparedReason } from './balancing/core/ejection/rules.js'
export type { DetectorCount } from './balancing/core/ejection/tally.js'
export { envoyEjection } from './balancing/ejection-options.js'
export type {
  EjectionOptions,
  FailurePercentageOptions,
  PanicOptions,
  SuccessRateOptions,
} from './balancing/ejection-options.js'
export type { Exclusion, ExclusionReason, PickReason } from './balancing/explain.js'
export type { LimitOptions, LimitQueueOptions } from './balancing/limit-options.js'
export type { Pick } from './balancing/pick.js'
export type { PickOptions } from './balancing/pick-options.js'
export type {
  InstanceMatch,
  PriorityOptions,
  ProbationOptions,
  RouteOptions,
  SlowStartOptions,
  SubsetOptions,
  ZoneOptions,
} from './balancing/usage-options.js'
export type { ARecord, SrvRecord } from './sources/core/dns-records.js'
export type { InstanceEntry, InstanceLists } from './sources/core/read-instances.js'
export { ConsulSource } from './sources/consul-source.js'
export type { ConsulSourceEvents } from './sources/consul-source.js'
export type { ConsulSourceOptions } from './sources/consul-source-options.js'
export type { ConsulConsistency } from './sources/core/consul-query.js'
export type { DnsResolver } from './sources/dns-resolver.js'
export { DnsSource } from './sources/dns-source.js'
export type { DnsSourceEvents } from './sources/dns-source.js'
export type { DnsSourceOptions } from './sources/dns-source-options.js'
export { FailoverSource } from './sources/failover-source.js'
export type { FailoverSourceOptions } from './sources/failover-source.js'
export { FileSource } from './sources/file-source.js'
export type { FileSourceEvents, FileSourceOptions } from './sources/file-source.js'
export { MergedSource } from './sources/merged-source.js'
export { StaticSource } from './sources/static-source.js'
