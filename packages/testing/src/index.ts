/** What users of Breakwater test with: simulated time, seeded chance, scripted dependencies, a Eureka server, a faulty network. */
export { seededRandom } from '@breakwater/kernel'
export type { Random } from '@breakwater/kernel'
export { EmbeddedEureka } from './eureka/embedded-eureka.js'
export { PRODUCTION_EUREKA } from './eureka/eureka-options.js'
export type { EmbeddedEurekaOptions } from './eureka/eureka-options.js'
export type { ActiveFault, EurekaFault, FaultRoute } from './eureka/faults.js'
export type { EmbeddedInstance } from './eureka/held-instance.js'
export type { RecordedRequest } from './eureka/request-log.js'
export { FaultProxy } from './fault-proxy/fault-proxy.js'
export type { FaultProxyStats } from './fault-proxy/fault-proxy.js'
export type { FaultProxyOptions } from './fault-proxy/proxy-options.js'
export type {
  CorruptFault,
  CutFault,
  Direction,
  HttpFault,
  LatencyFault,
  ProxyFaultName,
  RateFault,
  SliceFault,
} from './fault-proxy/proxy-faults.js'
export { microtaskSteps } from './microtask-steps.js'
export { createScriptedDependency } from './scripted-dependency.js'
export type {
  Script,
  ScriptedAnswer,
  ScriptedCall,
  ScriptedContext,
  ScriptedDependency,
  ScriptedDependencyOptions,
} from './scripted-dependency.js'
export { SimClock } from './sim-clock.js'
export type { SimClockOptions, SimPending } from './sim-clock.js'
