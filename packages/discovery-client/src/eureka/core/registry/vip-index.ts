/** All instances with a VIP, over all applications. Only the VIPs of changed applications are touched. */
import type { InstanceInfo } from '../model/instance-info.js'
import type { Steps } from '../steps.js'
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

const KEYS_PER_STEP = 512

/** The index after some applications changed: the same object if no list did. */
export function* updateVipIndex(index: VipIndex, changes: readonly VipChange[]): Steps<VipIndex> {
  const touched: Parts = new Map()
  let work = 0
  for (const { app, before, after } of changes) {
    for (const [key, list] of after ?? []) {
      if (++work % KEYS_PER_STEP === 0) yield
      if (before?.get(key) !== list) partsOf(touched, index, key).set(app, list)
    }
    for (const key of before?.keys() ?? []) {
      if (++work % KEYS_PER_STEP === 0) yield
      if (after?.has(key) !== true) partsOf(touched, index, key).delete(app)
    }
  }
  return touched.size === 0 ? index : yield* withParts(index, touched)
}

type Parts = Map<string, Map<string, readonly InstanceInfo[]>>

/** The lists of a VIP by application, to be changed. */
function partsOf(touched: Parts, index: VipIndex, key: string): Map<string, readonly InstanceInfo[]> {
  const parts = touched.get(key) ?? new Map(index.get(key)?.parts)
  touched.set(key, parts)
  return parts
}

function* withParts(index: VipIndex, touched: Parts): Steps<VipIndex> {
  const updated = new Map<string, VipGroup>()
  let work = 0
  for (const [key, group] of index) {
    if (++work % KEYS_PER_STEP === 0) yield
    updated.set(key, group)
  }
  for (const [key, parts] of touched) {
    if (++work % KEYS_PER_STEP === 0) yield
    if (parts.size === 0) updated.delete(key)
    else updated.set(key, Object.freeze({ parts, instances: joined(parts) }))
  }
  return updated
}

function joined(parts: ReadonlyMap<string, readonly InstanceInfo[]>): readonly InstanceInfo[] {
  const [only, ...more] = parts.values()
  return only !== undefined && more.length === 0 ? only : Object.freeze([...parts.values()].flat())
}
