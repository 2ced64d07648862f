/**
 * Whether calls stay in their own zone: while enough of its instances are in service. Ribbon's affinity filter also leaves a zone
 * at 0.6 calls a server, which any busy service has; load is the strategy's business here.
 */
import type { Host } from './host.js'

/** When to stay. */
export interface OwnZone {
  readonly own: string
  readonly minAvailable: number
  readonly maxRestingPercent: number
  /** Calls are divided by the clients of each zone only among so many hosts or more. */
  readonly minHosts: number
}

const RENEW_MS = 100

export class ZoneAffinity {
  readonly own: string
  private readonly hosts: readonly Host[]
  private readonly zone: OwnZone
  private readonly known: number
  private stays = false
  private renewedAt = -Infinity

  /** `members` are all that there are, `usable` those of them that may be chosen. */
  constructor(zone: OwnZone, members: readonly Host[], usable: readonly Host[]) {
    const isNear = ({ instance }: Host): boolean => instance.zone === zone.own
    this.own = zone.own
    this.zone = zone
    this.known = members.filter(isNear).length
    this.hosts = usable.filter(isNear)
  }

  /** Whether it does now; judged anew ten times a second. */
  staysAt(now: number): boolean {
    if (now - this.renewedAt >= RENEW_MS) {
      this.renewedAt = now
      this.stays = this.isWellServed(now)
    }
    return this.stays
  }

  private isWellServed(now: number): boolean {
    const { minAvailable, maxRestingPercent } = this.zone
    const { known } = this
    const awake = this.hosts.filter((host) => !host.isResting(now)).length
    return awake >= minAvailable && (known - awake) * 100 < maxRestingPercent * known
  }
}
