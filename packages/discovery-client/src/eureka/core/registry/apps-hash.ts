/**
 * Eureka's fingerprint of a registry: how many instances are in which status. Client and server compare it after each delta. It is a
 * count and nothing more: two statuses that swap, or a changed port, go unnoticed (Applications.getReconcileHashCode).
 */
import type { InstanceStatus } from '../../../instance.js'
import { INSTANCE_STATUSES } from '../model/instance-info.js'

/** How many instances are in each status. */
export type StatusCounts = Readonly<Record<InstanceStatus, number>>

export const NO_COUNTS: StatusCounts = Object.freeze({
  DOWN: 0,
  OUT_OF_SERVICE: 0,
  STARTING: 0,
  UNKNOWN: 0,
  UP: 0,
})

export function countStatuses(statuses: Iterable<InstanceStatus>): StatusCounts {
  const counts = { ...NO_COUNTS }
  for (const status of statuses) counts[status]++
  return counts
}

/** `left + factor × right`, status by status. */
export function addCounts(left: StatusCounts, right: StatusCounts, factor = 1): StatusCounts {
  const sum = { ...left }
  for (const status of INSTANCE_STATUSES) sum[status] += factor * right[status]
  return sum
}

/** How many there are in any status. */
export function sumOfCounts(counts: StatusCounts): number {
  return INSTANCE_STATUSES.reduce((sum, status) => sum + counts[status], 0)
}

export function isSameCounts(left: StatusCounts, right: StatusCounts): boolean {
  return INSTANCE_STATUSES.every((status) => left[status] === right[status])
}

/** The hash as servers write it, `DOWN_1_UP_2_`; empty for an empty registry. */
export function appsHash(counts: StatusCounts): string {
  return INSTANCE_STATUSES.filter((status) => counts[status] > 0)
    .map((status) => `${status}_${counts[status]}_`)
    .join('')
}
