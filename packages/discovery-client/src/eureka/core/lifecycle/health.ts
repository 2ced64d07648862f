/** What a health check, an operator and the application itself make of an instance's status. */
import type { InstanceStatus } from '../../../instance.js'
import { isInstanceStatus } from '../model/instance-info.js'

/** How a health check ended. */
export type HealthResult =
  { readonly kind: 'answered'; readonly status: unknown } | { readonly kind: 'failed' }

/** The status after a health check: a throw is `DOWN`; `null`, `undefined` and what is no status change nothing. */
export function statusAfterCheck(current: InstanceStatus, result: HealthResult): InstanceStatus {
  if (result.kind === 'failed') return 'DOWN'
  return isInstanceStatus(result.status) ? result.status : current
}

/** How a status of our own reaches the server. */
export type StatusRoute = 'register' | 'override' | 'remove-override'

/**
 * A registration cannot move an instance between `UP` and `OUT_OF_SERVICE`: the server keeps what it has (Netflix/eureka#1398).
 * Out of service is an override, and whatever follows removes it first: an override outlives every registration. Where there is
 * none of ours, a status is registered.
 */
export function routeOfStatus(status: InstanceStatus, mayBeOverridden: boolean): StatusRoute {
  if (status === 'OUT_OF_SERVICE') return 'override'
  return mayBeOverridden ? 'remove-override' : 'register'
}
