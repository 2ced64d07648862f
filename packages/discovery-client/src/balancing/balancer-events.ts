/** What a balancer tells its listeners. */
import type { Instance } from '../instance.js'
import type { EjectionDetector } from './core/ejection/rules.js'

export interface BalancerEvents {
  /** An instance has come, or has come back, or is at another address under its old id. */
  added: { readonly instance: Instance }
  /** An instance has left the list, or its address. It gets no calls any more; those under way go on. */
  removed: { readonly instance: Instance }
  /** The last call to an instance that has left has ended: its connections can be closed. At once with `removed` when none was under way. */
  drained: { readonly instance: Instance }
  /** An instance has been taken out of service for its failures. */
  ejected: { readonly instance: Instance; readonly detector: EjectionDetector; readonly forMs: number }
  /** An ejected instance is back in service. */
  restored: { readonly instance: Instance }
  /** From now on too few instances are in service, so ejection is not heeded, or no longer so. */
  panic: { readonly active: boolean }
  /** Picks of the instance have been open for so long that nobody is likely to say `done`. */
  overdue: { readonly instance: Instance; readonly picks: number }
}
