/** The hash by which clients check a registry that they patched together: how many instances have each status. */
import type { InstanceStatus } from './instance-info.js'

/**
 * `STATUS_count_` for each status that occurs, in ascending order; an empty registry has an empty hash
 * (`Applications.getReconcileHashCode`).
 */
export function appsHash(statuses: Iterable<InstanceStatus>): string {
  const counts = new Map<InstanceStatus, number>()
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1)
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, count]) => `${status}_${String(count)}_`)
    .join('')
}
