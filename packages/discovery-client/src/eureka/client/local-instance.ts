/**
 * Our own instance as it is now: what is registered next. Every change is a new frozen object, so a body that is being
 * sent cannot change under way.
 */
import type { EpochMs } from '@breakwater/kernel'
import type { InstanceStatus } from '../../instance.js'
import type { InstanceInfo } from '../core/model/instance-info.js'

/** Metadata to set; `undefined` removes an entry. */
export type MetadataChange = Readonly<Record<string, string | undefined>>

export class LocalInstance {
  private present: InstanceInfo

  constructor(info: InstanceInfo) {
    this.present = info
  }

  get info(): InstanceInfo {
    return this.present
  }

  get status(): InstanceStatus {
    return this.present.status
  }

  /** What to send, with the stamp under which servers order it. They take whole milliseconds only. */
  stamped(lastDirtyTimestamp: EpochMs, now: EpochMs): InstanceInfo {
    return Object.freeze({ ...this.present, lastDirtyTimestamp, lastUpdatedTimestamp: Math.floor(now) })
  }

  /** Whether anything changed. */
  setStatus(status: InstanceStatus, overriddenStatus: InstanceStatus): boolean {
    const { present } = this
    if (present.status === status && present.overriddenStatus === overriddenStatus) return false
    this.present = Object.freeze({ ...present, status, overriddenStatus })
    return true
  }

  /** Whether anything changed. */
  setMetadata(change: MetadataChange): boolean {
    const { metadata } = this.present
    const next: Record<string, string> = Object.assign(
      Object.create(null) as Record<string, string>,
      metadata,
    )
    let changed = false
    for (const [key, value] of Object.entries(change)) {
      if (next[key] === value) continue
      changed = true
      if (value === undefined) Reflect.deleteProperty(next, key)
      else next[key] = value
    }
    if (changed) this.present = Object.freeze({ ...this.present, metadata: Object.freeze(next) })
    return changed
  }
}
