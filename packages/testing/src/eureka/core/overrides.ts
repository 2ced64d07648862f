/**
 * Status overrides, and the rule by which a server decides what an instance is. Overrides are keyed by instance id alone
 * (applications that use the same id share them) and are forgotten an hour after they were last read.
 */
import type { InstanceInfo, InstanceStatus } from './instance-info.js'

const FORGOTTEN_AFTER_MS = 3_600_000

export class StatusOverrides {
  private readonly byId = new Map<string, { status: InstanceStatus; readAt: number }>()

  get(id: string, now: number): InstanceStatus | undefined {
    const found = this.byId.get(id)
    if (found === undefined || now - found.readAt >= FORGOTTEN_AFTER_MS) return undefined
    found.readAt = now
    return found.status
  }

  set(id: string, status: InstanceStatus, now: number): void {
    this.byId.set(id, { status, readAt: now })
  }

  remove(id: string, now: number): InstanceStatus | undefined {
    const found = this.get(id, now)
    this.byId.delete(id)
    return found
  }

  all(now: number): Record<string, InstanceStatus> {
    const live = [...this.byId].filter(([, { readAt }]) => now - readAt < FORGOTTEN_AFTER_MS)
    return Object.fromEntries(live.map(([id, { status }]) => [id, status]))
  }
}

/** What {@link decideStatus} looks at. */
export interface StatusQuestion {
  readonly incoming: InstanceInfo
  /** The status of the lease that is there already. */
  readonly existing: InstanceStatus | undefined
  readonly override: InstanceStatus | undefined
  /** Whether a peer asks, not a client. */
  readonly isReplication: boolean
}

/**
 * The first of: an incoming status other than UP and OUT_OF_SERVICE; the override; for a client, the UP or
 * OUT_OF_SERVICE that is there; what came in. So a client that registers as OUT_OF_SERVICE over UP stays UP
 * (Netflix/eureka#1398).
 */
export function decideStatus({
  incoming,
  existing,
  override,
  isReplication,
}: StatusQuestion): InstanceStatus {
  if (!isServing(incoming.status)) return incoming.status
  if (override !== undefined) return override
  if (!isReplication && isServing(existing)) return existing
  return incoming.status
}

function isServing(status: InstanceStatus | undefined): status is 'UP' | 'OUT_OF_SERVICE' {
  return status === 'UP' || status === 'OUT_OF_SERVICE'
}
