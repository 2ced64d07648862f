/** What an Eureka client tells its listeners. */
import type { RegistryError } from '@breakwater/kernel'
import type { InstanceStatus } from '../../instance.js'
import type { HeldInstances } from './held-services.js'
import type { DeltaDiff } from './registry-fetcher.js'

/** How a fetch of the registry came out. */
export interface RegistryEvent {
  /** How it was fetched. */
  readonly kind: 'full' | 'delta' | 'vip' | 'backup'
  /** Whether anything is different from before. */
  readonly changed: boolean
  /** Grows with every change. */
  readonly version: number
  /** Instances known now, of every status. */
  readonly instances: number
  /** Entries that the server sent and that could not be used. */
  readonly dropped: number
}

export interface EurekaEvents {
  /** A fetch has succeeded; lookups answer from it already. Also without a change. */
  registry: RegistryEvent
  /** The registry says something else about our own instance than before; after the event `registry` that brought it. */
  status: { readonly previous: InstanceStatus; readonly current: InstanceStatus }
  /** A heartbeat was answered, or not. */
  heartbeat: { readonly ok: boolean; readonly status: number | undefined; readonly error?: RegistryError }
  /** A registration was accepted. `again`: not the first one. */
  registered: { readonly instanceId: string; readonly again: boolean }
  /** The registration was taken back at `stop()`. */
  deregistered: { readonly instanceId: string }
  /** A smaller registry, or smaller services, than the guard believes were put off, until another fetch says the same. */
  held: HeldInstances
  /** How the registry by deltas compares with everything, fetched after each delta; with `logDeltaDiff`. */
  deltaDiff: DeltaDiff
  /** Something failed and will be tried again. */
  error: { readonly operation: string; readonly error: Error }
}
