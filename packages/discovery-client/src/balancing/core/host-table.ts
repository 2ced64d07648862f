/**
 * The hosts of one balancer by id. What is known of an instance outlives its absence for a while: a list that flaps must
 * not wipe out penalties.
 */
import type { Instance } from '../../instance.js'
import { Host } from './host.js'

/** So many vanished instances are remembered at most, or as many as there are present ones. */
const LEAST_REMEMBERED = 100
/** For so long at most. */
const REMEMBERED_MS = 300_000
/** Weights beyond this, or below one over it, count as this. */
const MAX_WEIGHT = 1e6

interface Retired {
  readonly host: Host
  readonly at: number
}

/** What a list was like. */
export interface TableChange {
  /** Entries left out because another one has their id. */
  readonly duplicates: number
  /** Entries with a weight that is no finite number of at least 0. */
  readonly badWeights: number
}

export class HostTable {
  /** Those that may be called, in the order of the list. */
  eligible: readonly Host[] = []
  private lists = 0
  private present = new Map<string, Host>()
  private readonly retired = new Map<string, Retired>()

  /** The host with this id in the present list, if it may be called. */
  readonly find = (id: string): Host | undefined => {
    const host = this.present.get(id)
    return host?.instance.status === 'UP' ? host : undefined
  }

  /** All of the present list. */
  all(): Iterable<Host> {
    return this.present.values()
  }

  /** How many have left and are still remembered. */
  get remembered(): number {
    return this.retired.size
  }

  /** Takes over a new list. O(n). */
  update(instances: readonly Instance[], now: number): TableChange {
    const next = new Map<string, Host>()
    const usualWeight = meanWeight(instances)
    let badWeights = 0
    for (const instance of instances) {
      if (next.has(instance.id)) continue
      const host = this.hostFor(instance)
      const isUsable = isWeight(instance.weight)
      host.weight = withinReason(isUsable ? instance.weight : usualWeight)
      if (!isUsable) badWeights++
      next.set(instance.id, host)
    }
    this.retire(next, now)
    this.present = next
    const wasEmpty = this.eligible.length === 0
    this.eligible = [...next.values()].filter(({ instance }) => instance.status === 'UP')
    this.noteArrivals(wasEmpty, now)
    return { duplicates: instances.length - next.size, badWeights }
  }

  // Where all are new, nobody can take the load off them while they warm up.
  private noteArrivals(wasEmpty: boolean, now: number): void {
    this.lists++
    for (const host of this.eligible) {
      if (wasEmpty) host.upSince = -Infinity
      else if (host.listed !== this.lists - 1) host.upSince = now
      host.listed = this.lists
    }
  }

  private hostFor(instance: Instance): Host {
    const known = this.present.get(instance.id) ?? this.retired.get(instance.id)?.host
    // At another address it is another process: calls under way end on the old record, and count there.
    if (known === undefined || !isSameAddress(known.instance, instance)) return new Host(instance)
    known.instance = instance
    return known
  }

  private retire(next: ReadonlyMap<string, Host>, now: number): void {
    for (const id of next.keys()) this.retired.delete(id)
    for (const [id, host] of this.present) if (!next.has(id)) this.retired.set(id, { host, at: now })
    const most = Math.max(LEAST_REMEMBERED, next.size)
    // The map is in the order of departure.
    for (const [id, { at }] of this.retired) {
      if (this.retired.size <= most && now - at <= REMEMBERED_MS) break
      this.retired.delete(id)
    }
  }
}

function isWeight(weight: number): boolean {
  return Number.isFinite(weight) && weight >= 0
}

/** What an instance without a usable weight weighs: any fixed number would starve it, or the others. */
function meanWeight(instances: readonly Instance[]): number {
  const good = instances.map(({ weight }) => weight).filter((weight) => isWeight(weight) && weight > 0)
  return good.length === 0 ? 1 : good.reduce((sum, weight) => sum + weight / good.length, 0)
}

/** Quotients of weights must stay finite. */
function withinReason(weight: number): number {
  return weight === 0 ? 0 : Math.min(MAX_WEIGHT, Math.max(1 / MAX_WEIGHT, weight))
}

function isSameAddress(one: Instance, other: Instance): boolean {
  return one.host === other.host && one.port === other.port && one.secure === other.secure
}
