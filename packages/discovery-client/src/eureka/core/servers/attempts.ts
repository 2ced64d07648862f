/**
 * Which server to try next. Eureka's rules (RetryableEurekaHttpClient, SessionedEurekaHttpClient): the server that worked
 * last time first; then those of the list, each at most once per operation, without those in quarantine; the quarantine
 * is emptied when it holds too large a share of the servers, and when the session ends, which also spreads the load anew.
 * Our own: whoever failed comes after those who did not.
 */
import type { MonotonicMs, Random } from '@breakwater/kernel'

export interface ServerChoiceOptions {
  /** The mean length of a session; each is half to one and a half times as long. */
  readonly sessionMs: number
  /** The share of servers at which the quarantine is emptied. */
  readonly quarantineShare: number
  readonly maxAttempts: number
}

/** One of the servers; equal keys are the same server. */
interface Keyed {
  readonly base: string
}

/** What is remembered between operations of one purpose. */
export class ServerChoice<S extends Keyed> {
  private readonly options: ServerChoiceOptions
  private readonly random: Random
  private readonly quarantine = new Set<string>()
  /** Who has not answered since it failed, the longest ago first. */
  private readonly failures = new Set<string>()
  private pinned: S | undefined
  /** The servers that were to be chosen from last time. */
  private listed: ReadonlySet<string> = new Set()
  /** Whether the list had the pinned one, and no redirect led to it. */
  private isPinnedListed = false
  private sessionEndsAt: MonotonicMs
  private startedAt: MonotonicMs

  constructor(options: ServerChoiceOptions, random: Random, now: MonotonicMs) {
    this.options = options
    this.random = random
    this.startedAt = now
    this.sessionEndsAt = now + this.sessionLength()
  }

  /** How many servers are left alone for now. */
  get quarantined(): number {
    return this.quarantine.size
  }

  /** How long the present session lasts already. */
  sessionAgeMs(now: MonotonicMs): number {
    return now - this.startedAt
  }

  /** The attempts of one operation. Lazy: what one attempt learns counts for the next. */
  *attempts(servers: readonly S[], now: MonotonicMs): Generator<S, void, undefined> {
    if (now >= this.sessionEndsAt) this.beginSession(now)
    this.listed = new Set(servers.map(({ base }) => base))
    const tried = new Set<string>()
    let candidates: readonly S[] | undefined
    for (let attempt = 0; attempt < this.options.maxAttempts; attempt++) {
      const pinned = this.pinnedOf(servers)
      let next: S | undefined = pinned !== undefined && !tried.has(pinned.base) ? pinned : undefined
      if (next === undefined) {
        candidates ??= this.candidates(servers)
        next = candidates.find(({ base }) => !tried.has(base))
      }
      if (next === undefined) return
      tried.add(next.base)
      yield next
    }
  }

  /** The server answered: it comes first next time. */
  succeeded(server: S): void {
    this.pinned = server
    this.isPinnedListed = this.listed.has(server.base)
    this.quarantine.delete(server.base)
    this.failures.delete(server.base)
  }

  /** The server failed: others come first. */
  failed(server: S): void {
    if (this.pinned?.base === server.base) this.pinned = undefined
    this.quarantine.add(server.base)
    this.failures.delete(server.base)
    this.failures.add(server.base)
  }

  /**
   * A redirect may have pinned one that is in no list; the list may know one with other credentials by now. Whoever was in the list
   * and is no more (DNS leads elsewhere) is left, though it may still answer.
   */
  private pinnedOf(servers: readonly S[]): S | undefined {
    const { pinned } = this
    if (pinned === undefined) return undefined
    const listed = servers.find(({ base }) => base === pinned.base)
    return listed ?? (this.isPinnedListed ? undefined : pinned)
  }

  private candidates(servers: readonly S[]): readonly S[] {
    const known = new Set(servers.map(({ base }) => base))
    for (const bases of [this.quarantine, this.failures])
      for (const base of bases) if (!known.has(base)) bases.delete(base)
    const limit = Math.floor(known.size * this.options.quarantineShare)
    if (this.quarantine.size >= limit) this.quarantine.clear()
    // Out of quarantine, but behind the others: in the order of the list, Java asks the same three for ever.
    const order = [...this.failures]
    return servers
      .filter(({ base }) => !this.quarantine.has(base))
      .sort((one, other) => order.indexOf(one.base) - order.indexOf(other.base))
  }

  private beginSession(now: MonotonicMs): void {
    this.pinned = undefined
    this.quarantine.clear()
    this.failures.clear()
    this.startedAt = now
    this.sessionEndsAt = now + this.sessionLength()
  }

  private sessionLength(): number {
    return this.options.sessionMs * (0.5 + this.random.next())
  }
}
