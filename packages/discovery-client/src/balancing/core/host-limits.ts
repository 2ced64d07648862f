/**
 * How many calls each host may have in flight: a limit of its own for each, found out by adding a little while calls go well and taking a share
 * away when one is dropped (AIMD, as for the hosts in Palantir's Dialogue). Loss tells a client more than latency does, which `adaptive` heeds
 * already. A host that has reached its limit is full: nobody chooses it until a call to it has ended.
 */
import type { AimdLimit } from '@breakwater/breaker'
import type { Ending } from './ending.js'
import type { Host } from './host.js'

/** How hosts are limited. */
export interface LimitRules {
  /** The limit of a host that had no call yet. */
  readonly initial: number
  /** Answers that take longer count as dropped, in milliseconds. */
  readonly slowerThanMs: number
  /** The limit of one host. */
  begin(): AimdLimit
}

/** When a call ended, and how long it took: until its answer, and until its end. */
interface CallTimes {
  readonly now: number
  readonly latencyMs: number
  readonly elapsedMs: number
}

export class HostLimits {
  /** How many hosts are full, those that have left the list among them. */
  full = 0
  /** How often a host became full, or had room again. */
  changes = 0
  private readonly rules: LimitRules

  constructor(rules: LimitRules) {
    this.rules = rules
  }

  limitOf({ limit }: Host): number {
    return limit?.limit ?? this.rules.initial
  }

  /** A call to the host has begun, and is counted. */
  began(host: Host): void {
    host.limit ??= this.rules.begin()
    this.renew(host, host.limit)
  }

  /** A call to the host has ended, and is counted no more. */
  ended(host: Host, ending: Ending, { now, latencyMs, elapsedMs }: CallTimes): void {
    const { limit } = host
    if (limit === undefined) return
    const isGood = ending.kind === 'success'
    const isDrop = isGood ? latencyMs > this.rules.slowerThanMs : isDropped(ending)
    // Of a drop it matters when its call began: then it knew nothing of limits lowered since.
    const durationMs = isDrop ? elapsedMs : latencyMs
    if (isGood || isDrop) limit.observe({ now, durationMs, inFlight: host.inFlight + 1, isDrop })
    this.renew(host, limit)
  }

  private renew(host: Host, { limit }: AimdLimit): void {
    const isFull = host.inFlight >= limit
    if (isFull === host.isFull) return
    this.changes++
    host.isFull = isFull
    if (isFull) host.fullSince = this.changes
    else host.roomSince = this.changes
    this.full += isFull ? 1 : -1
  }
}

/** Whether it was full after so many changes; of one that has become full anew since then it is not known any more. */
export function wasFull({ isFull, fullSince, roomSince }: Host, changes: number): boolean {
  return fullSince <= changes && (isFull || changes < roomSince)
}

/**
 * What says that there was too much: no answer in time, or an answer that says so. A gateway that got no answer for us counts too, as it does
 * in Netflix's limiter, which takes gRPC's `UNAVAILABLE` for a drop: 503 has no meaning of its own beside 502 and 504. Any other failure, and
 * an end that is nobody's fault, says nothing about load.
 */
function isDropped({ kind, origin }: Ending): boolean {
  return kind === 'timeout' || (kind === 'failure' && (origin === 'throttled' || origin === 'gateway'))
}
