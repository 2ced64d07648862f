/**
 * The hosts of one balancer by id. What is known of an instance outlives its absence for a while: a list that flaps must
 * not wipe out penalties.
 */
import type { Instance } from '../../instance.js'
import { Host } from './host.js'
import { isOnProbation, putOnProbation } from './probation.js'
import type { Probation } from './probation.js'

/** So many vanished instances are remembered at most, or as many as there were at once in any list. */
const LEAST_REMEMBERED = 100
/** For so long at most. */
const REMEMBERED_MS = 300_000
/** So many that have left with calls under way are listed at most. */
const MAX_DRAINING = 1_000
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
  readonly added: readonly Host[]
  readonly removed: readonly Host[]
}

export class HostTable {
  /** Those that may be called, in the order of the list. */
  eligible: readonly Host[] = []
  private lists = 0
  private mostRemembered = LEAST_REMEMBERED
  private present = new Map<string, Host>()
  private readonly retired = new Map<string, Retired>()
  private readonly leaving = new Set<Host>()
  private readonly probation: Probation | undefined

  constructor(probation?: Probation) {
    this.probation = probation
  }

  /** The host with this id in the present list, if it may be called. */
  readonly find = (id: string): Host | undefined => {
    const host = this.present.get(id)
    return host?.instance.status === 'UP' ? host : undefined
  }

  /** All of the present list. */
  all(): Iterable<Host> {
    return this.present.values()
  }

  /** Those that have left while calls to them were under way, until these have ended. */
  get draining(): readonly Host[] {
    return [...this.leaving]
  }

  /** When the first one on probation has had its time. */
  get probationEndsAt(): number {
    if (this.probation === undefined) return Infinity
    const ends = [...this.present.values()].map(({ probationUntil }) => probationUntil)
    return ends.reduce((first, end) => (end === -Infinity ? first : Math.min(first, end)), Infinity)
  }

  /** A call to one that has left has ended; answers whether it was the last. */
  hasDrained(host: Host): boolean {
    if (host.inFlight > 0) return false
    this.leaving.delete(host)
    return true
  }

  /** How many have left and are still remembered. */
  get remembered(): number {
    return this.retired.size
  }

  /** Takes over a new list. O(n). */
  update(instances: readonly Instance[], now: number): TableChange {
    const next = new Map<string, Host>()
    const usualWeight = meanWeight(instances)
    // Who left with calls under way and is back at its address: it is not drained while others go there.
    const leaving = new Map([...this.leaving].map((host) => [placeOf(host.instance), host]))
    let badWeights = 0
    for (const instance of instances) {
      if (next.has(instance.id)) continue
      const host = this.latest(instance, now) ?? leaving.get(placeOf(instance)) ?? new Host(instance)
      host.instance = instance
      const isUsable = isWeight(instance.weight)
      host.weight = withinReason(isUsable ? instance.weight : usualWeight)
      if (!isUsable) badWeights++
      next.set(instance.id, host)
    }
    const duplicates = instances.length - next.size
    this.keepOnProbation(next, now)
    const before = this.present
    this.retire(next, now)
    this.present = next
    const wasEmpty = this.eligible.length === 0
    this.eligible = [...next.values()].filter(({ instance }) => instance.status === 'UP')
    this.noteArrivals(wasEmpty, now)
    return { duplicates, badWeights, ...this.noteChange(before) }
  }

  private noteChange(before: ReadonlyMap<string, Host>): { added: Host[]; removed: Host[] } {
    const added = [...this.present.values()].filter((host) => before.get(host.id) !== host)
    const removed = [...before.values()].filter((host) => this.present.get(host.id) !== host)
    for (const host of added) {
      host.isGone = false
      this.leaving.delete(host)
    }
    for (const host of removed) {
      host.isGone = true
      if (host.inFlight > 0 && this.leaving.size < MAX_DRAINING) this.leaving.add(host)
    }
    return { added, removed }
  }

  private keepOnProbation(next: Map<string, Host>, now: number): void {
    if (this.probation === undefined) return
    for (const host of next.values()) host.probationUntil = -Infinity
    const listed = this.eligible.filter(({ probationUntil }) => probationUntil === -Infinity)
    const missing = listed.filter(({ id }) => !next.has(id))
    putOnProbation(missing, listed.length, this.probation, now)
    for (const host of this.eligible) {
      if (!next.has(host.id) && isOnProbation(host, now)) next.set(host.id, host)
    }
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

  // At another address it is another process: calls under way end on the old record, and count there.
  private latest(instance: Instance, now: number): Host | undefined {
    const host = this.present.get(instance.id) ?? this.recall(instance.id, now)
    return host !== undefined && isSameAddress(host.instance, instance) ? host : undefined
  }

  private recall(id: string, now: number): Host | undefined {
    const retired = this.retired.get(id)
    return retired !== undefined && now - retired.at <= REMEMBERED_MS ? retired.host : undefined
  }

  private retire(next: ReadonlyMap<string, Host>, now: number): void {
    for (const id of next.keys()) this.retired.delete(id)
    for (const [id, host] of this.present) if (!next.has(id)) this.retired.set(id, { host, at: now })
    this.mostRemembered = Math.max(this.mostRemembered, next.size)
    // The map is in the order of departure.
    for (const [id, { at }] of this.retired) {
      if (this.retired.size <= this.mostRemembered && now - at <= REMEMBERED_MS) break
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

function placeOf({ id, host, port, secure }: Instance): string {
  return [id, host, port, secure].join(' ')
}

function isSameAddress(one: Instance, other: Instance): boolean {
  return one.host === other.host && one.port === other.port && one.secure === other.secure
}
