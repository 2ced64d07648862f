/**
 * What every source of instances publishes, whatever it asks: Eureka, a list, a file, DNS, Consul. Balancers and the
 * HTTP client know these shapes only.
 */
import type { MonotonicMs } from '@breakwater/kernel'

/** Where an instance is in its life, in Eureka's words. Sources without such a notion say `UP`. */
export type InstanceStatus = 'UP' | 'DOWN' | 'STARTING' | 'OUT_OF_SERVICE' | 'UNKNOWN'

/** One address that serves a service. */
export interface Instance {
  /** Stays the same for as long as the instance lives; counters of balancers are kept by it. */
  readonly id: string
  /** A host name, an IPv4 address, or an IPv6 address without brackets. */
  readonly host: string
  /** 1 to 65 535. */
  readonly port: number
  /** Whether to speak TLS with it. */
  readonly secure: boolean
  readonly zone?: string
  readonly status: InstanceStatus
  /** An object without a prototype: what others registered can shadow nothing. */
  readonly metadata: Readonly<Record<string, string>>
  /** Its share of the traffic beside others, at least 0. 1 unless the source says otherwise. */
  readonly weight: number
}

/** All instances of one service at one time. Never changed once published. */
export interface Snapshot {
  readonly service: string
  readonly instances: readonly Instance[]
  /** Grows with every change of the source; equal versions hold the same instances. */
  readonly version: number
  /** When the source last heard of this list, on its clock's monotonic time: `clock.now() - updatedAt` is its age. */
  readonly updatedAt: MonotonicMs
}

/**
 * Knows the instances of services. `watch` calls the listener with the present snapshot if there is one, then with each
 * new one, until the returned function is called. `snapshot` answers at once: `undefined` means "not known (yet)". A
 * balancer asks `snapshot` once when `watch` has told nothing, and then for the age of the list when somebody wants to know it; entries that it
 * cannot use are left out and reported.
 */
export interface InstanceSource {
  watch(service: string, listener: (snapshot: Snapshot) => void): () => void
  snapshot(service: string): Snapshot | undefined
}
