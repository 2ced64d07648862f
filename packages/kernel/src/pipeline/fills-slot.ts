/**
 * Recognises a policy of ours by what it brings to a pipeline. `instanceof` would know those of one copy of the library only,
 * and a process may have loaded two, as ES modules and as CommonJS.
 */
import { isPlainObject } from '../plain-object.js'
import type { StagedPolicy } from './pipeline.js'
import type { SlotName } from './stage.js'

/** Whether `value` is a policy of ours that fills `slot` and no other, from whichever copy of the library. Never throws. */
export function fillsSlot<T>(value: T, slot: SlotName): value is Extract<T, StagedPolicy> {
  // Options are plain objects; nothing that they inherit is read.
  if (typeof value !== 'object' || value === null || isPlainObject(value)) return false
  try {
    return (value as { readonly stage?: { readonly slot?: unknown } }).stage?.slot === slot
  } catch {
    return false
  }
}
