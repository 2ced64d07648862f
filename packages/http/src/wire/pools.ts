/**
 * All pools of a client: one for each instance of a service, held for as long as somebody knows the instance, and a bounded number
 * for hosts outside of any service.
 *
 *     const pool = pools.acquire('https://10.0.0.7:8443', 'users.internal')
 *     const exchange = pool.open(sink, limits)
 *     …
 *     pools.release(pool)   // the instance left: what is under way may end, then its sockets close
 */
import { BulkheadFullError } from '@breakwater/kernel'
import { InstancePool } from './instance-pool.js'
import type { PoolStats } from './instance-pool.js'
import type { ResolvedPools } from './pool-options.js'
import { PoolClosedError } from './wire-errors.js'

interface Held {
  readonly pool: InstancePool
  holders: number
}

interface Direct {
  readonly pool: InstancePool
  lastUse: number
}

export class Pools {
  private readonly options: ResolvedPools
  private readonly held = new Map<string, Held>()
  private readonly direct = new Map<string, Direct>()
  /** They left, and are not closed yet. */
  private readonly leaving = new Set<InstancePool>()
  private uses = 0
  private isClosed = false

  constructor(options: ResolvedPools) {
    this.options = options
  }

  /**
   * The pool of an instance, made and warmed when it is new. Each `acquire` is to be answered by one `release`. An
   * instance that comes back while its pool drains gets the same pool again.
   *
   * @param origin - scheme, host and port, as `new URL(…).origin` writes them
   * @param servername - the name that its TLS certificate must bear, where that is not the host
   */
  acquire(origin: string, servername?: string): InstancePool {
    this.refuseWhenClosed()
    const key = keyOf(origin, servername)
    let held = this.held.get(key)
    if (held === undefined) {
      held = { pool: this.revived(key) ?? this.create(origin, servername), holders: 0 }
      this.held.set(key, held)
      if (this.options.warmConnections > 0) void held.pool.warm()
    }
    held.holders++
    return held.pool
  }

  /** One who held the pool of an instance does not need it any more; after the last one it drains. */
  release(pool: InstancePool): void {
    const key = keyOf(pool.origin, pool.servername)
    const held = this.held.get(key)
    if (held?.pool !== pool || --held.holders > 0) return
    this.held.delete(key)
    this.leave(pool)
  }

  /**
   * The pool of a host outside of any service. Throws `BulkheadFullError` when as many hosts as there may be are in use, `TypeError`
   * for what is no http(s) URL.
   */
  forOrigin(origin: string | URL): InstancePool {
    const given = typeof origin === 'string' ? origin : origin.origin
    const direct = this.direct.get(given) ?? this.addDirect(given)
    direct.lastUse = ++this.uses
    return direct.pool
  }

  /** What each pool does now. */
  get stats(): readonly PoolStats[] {
    return this.all().map(({ stats }) => stats)
  }

  /** Lets what is under way end, for as long as the options say; resolves when no socket is left. */
  async close(): Promise<void> {
    this.isClosed = true
    await Promise.all(this.all().map((pool) => pool.close()))
    this.clear()
  }

  /** Cuts off what is under way; resolves when no socket is left. */
  async destroy(error?: Error): Promise<void> {
    this.isClosed = true
    await Promise.all(this.all().map((pool) => pool.destroy(error)))
    this.clear()
  }

  private addDirect(given: string): Direct {
    this.refuseWhenClosed()
    const { protocol, origin } = new URL(given)
    if (protocol !== 'http:' && protocol !== 'https:')
      throw new TypeError('what the URL begins with is not a protocol of HTTP')
    const known = this.direct.get(origin)
    if (known !== undefined) return known
    if (this.direct.size >= this.options.maxDirectOrigins) this.evictIdle()
    const direct = { pool: this.create(origin, undefined), lastUse: 0 }
    this.direct.set(origin, direct)
    return direct
  }

  private evictIdle(): void {
    let oldest: Direct | undefined
    for (const direct of this.direct.values()) {
      if (direct.pool.isIdle && (oldest === undefined || direct.lastUse < oldest.lastUse)) oldest = direct
    }
    if (oldest === undefined) {
      const { maxDirectOrigins } = this.options
      throw new BulkheadFullError(`${String(maxDirectOrigins)} hosts outside of services are in use`)
    }
    this.direct.delete(oldest.pool.origin)
    this.leave(oldest.pool)
  }

  private create(origin: string, servername: string | undefined): InstancePool {
    return new InstancePool(origin, servername, this.options, (pool) => this.leaving.delete(pool))
  }

  private revived(key: string): InstancePool | undefined {
    for (const pool of this.leaving) {
      if (keyOf(pool.origin, pool.servername) !== key || pool.state !== 'draining') continue
      pool.revive()
      this.leaving.delete(pool)
      return pool
    }
    return undefined
  }

  private leave(pool: InstancePool): void {
    this.leaving.add(pool)
    pool.drain()
  }

  private all(): InstancePool[] {
    const named = [...this.held.values(), ...this.direct.values()].map(({ pool }) => pool)
    return [...named, ...this.leaving]
  }

  private clear(): void {
    this.held.clear()
    this.direct.clear()
    this.leaving.clear()
  }

  private refuseWhenClosed(): void {
    if (this.isClosed) throw new PoolClosedError('the client is closed')
  }
}

/** Host names cannot hold a blank. */
function keyOf(origin: string, servername: string | undefined): string {
  return servername === undefined ? origin : `${origin} ${servername}`
}
