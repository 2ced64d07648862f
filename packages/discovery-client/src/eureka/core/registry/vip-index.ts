/** All instances with a VIP, over all applications. Only the VIPs of changed applications are touched. */
import type { InstanceInfo } from '../model/instance-info.js'
import type { VipLists } from './application.js'

/** The instances of one VIP; `parts` says which applications they come from. */
interface VipGroup {
  readonly parts: ReadonlyMap<string, readonly InstanceInfo[]>
  readonly instances: readonly InstanceInfo[]
}

/** Groups by upper-cased VIP. */
export type VipIndex = ReadonlyMap<string, VipGroup>

/** What one application contributes, before and after a change. */
export interface VipChange {
  readonly app: string
  readonly before: VipLists | undefined
  readonly after: VipLists | undefined
}

/** The index after some applications changed: the same object if no list did. */
export function updateVipIndex(index: VipIndex, changes: readonly VipChange[]): VipIndex {
  const touched = new Map<string, Map<string, readonly InstanceInfo[]>>()
  const partsOf = (key: string): Map<string, readonly InstanceInfo[]> => {
    const parts = touched.get(key) ?? new Map(index.get(key)?.parts)
    touched.set(key, parts)
    return parts
  }
  for (const { app, before, after } of changes) {
    for (const [key, list] of after ?? []) if (before?.get(key) !== list) partsOf(key).set(app, list)
    for (const key of before?.keys() ?? []) if (after?.has(key) !== true) partsOf(key).delete(app)
  }
  if (touched.size === 0) return index
  const updated = new Map(index)
  for (const [key, parts] of touched) {
    if (parts.size === 0) updated.delete(key)
    else updated.set(key, Object.freeze({ parts, instances: joined(parts) }))
  }
  return updated
}

function joined(parts: ReadonlyMap<string, readonly InstanceInfo[]>): readonly InstanceInfo[] {
  const [only, ...more] = parts.values()
  return only !== undefined && more.length === 0 ? only : Object.freeze([...parts.values()].flat())
}
