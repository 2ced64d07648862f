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
}

const RENEW_MS = 100

export class ZoneAffinity {
  /** The hosts of the own zone. */
  readonly hosts: readonly Host[]
  private readonly zone: OwnZone
  private stays = false
  private renewedAt = -Infinity

  constructor(zone: OwnZone, hosts: readonly Host[]) {
    this.zone = zone
    this.hosts = hosts.filter(({ instance }) => instance.zone === zone.own)
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
    const known = this.hosts.length
    const resting = this.hosts.filter((host) => host.isResting(now)).length
    return known - resting >= minAvailable && resting * 100 < maxRestingPercent * known
  }
}
