/**
 * Eureka's fingerprint of a registry: how many instances are in which status. Client and server compare it after each delta. It is a
 * count and nothing more: two statuses that swap, or a changed port, go unnoticed (Applications.getReconcileHashCode).
 */
import type { InstanceStatus } from '../../../instance.js'
import { INSTANCE_STATUSES } from '../model/instance-info.js'

/** How many instances are in each status, in the order of `INSTANCE_STATUSES`. */
export type StatusCounts = readonly number[]

export const NO_COUNTS: StatusCounts = Object.freeze(INSTANCE_STATUSES.map(() => 0))

export function countStatuses(statuses: Iterable<InstanceStatus>): StatusCounts {
  const counts = [...NO_COUNTS]
  for (const status of statuses) {
    const index = INSTANCE_STATUSES.indexOf(status)
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts
}

/** `left + factor × right`, status by status. */
export function addCounts(left: StatusCounts, right: StatusCounts, factor = 1): StatusCounts {
  return left.map((count, index) => count + factor * (right[index] ?? 0))
}

/** The hash as servers write it, `DOWN_1_UP_2_`; empty for an empty registry. */
export function appsHash(counts: StatusCounts): string {
  return INSTANCE_STATUSES.map((status, index) => {
    const count = counts[index] ?? 0
    return count > 0 ? `${status}_${count}_` : ''
  }).join('')
}
