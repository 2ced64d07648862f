/**
 * The connections to one instance. No more requests than connections are handed to undici, whose own queue knows neither a bound
 * nor an abort; the others wait here, first come, first served.
 */
import { BulkheadFullError, outsideOfCalls } from '@breakwater/kernel'
import type { Cancel, MonotonicMs } from '@breakwater/kernel'
import { Client, Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { Connector } from './connector.js'
import type { Exchange, ExchangeLimits, ExchangeSink, Outlet } from './exchange.js'
import { LegacyExchange } from './legacy-exchange.js'
import type { ResolvedPools } from './pool-options.js'
import { PoolClosedError } from './wire-errors.js'
import type { Route } from './route.js'
import type { WireExchange } from './wire-exchange.js'

/** `draining`: the instance left; what is under way may end. */
export type PoolState = 'open' | 'draining' | 'closed'

export interface PoolStats {
  readonly origin: string
  readonly state: PoolState
  /** Requests that undici has: writing, waiting for an answer, or reading one. */
  readonly inFlight: number
  /** Requests that wait for a connection. */
  readonly waiting: number
  readonly connected: number
  readonly connecting: number
}

/**
 * Says that it is free also after it has refused a request that cannot be sent: undici's pool would take it for busy, and
 * wait for a drain that never comes.
 */
class PooledClient extends Client {
  override dispatch(options: Dispatcher.DispatchOptions, exchange: Dispatcher.DispatchHandler): boolean {
    return super.dispatch(options, exchange) || !(exchange as LegacyExchange).isCarried
  }
}

export class InstancePool implements Outlet, Route {
  /** For example `http://10.0.0.7:8080`. */
  readonly origin: string
  /** The name that TLS certificates must bear, where it is not the host of the origin. */
  readonly servername: string | undefined
  private readonly options: ResolvedPools
  private readonly connector: Connector
  private readonly pool: Pool
  private readonly waiting = new Map<WireExchange, Dispatcher.DispatchOptions>()
  /** Those that undici still has, but nobody waits for: mostly until a connection is there. */
  private readonly abandoned = new Set<WireExchange>()
  private readonly onClosed: (pool: InstancePool) => void
  private phase: PoolState = 'open'
  private inFlight = 0
  private cancelGrace: Cancel | undefined = undefined
  private reportClosed: (() => void) | undefined = undefined
  private readonly closed: Promise<void>

  constructor(
    origin: string,
    servername: string | undefined,
    options: ResolvedPools,
    onClosed: (pool: InstancePool) => void = () => undefined,
  ) {
    this.origin = origin
    this.servername = servername
    this.options = options
    this.onClosed = onClosed
    // Node 22 keeps the async context of a promise as long as the promise: that of the first request, here.
    this.closed = outsideOfCalls(() => new Promise((resolve) => (this.reportClosed = resolve)))
    this.connector = new Connector(options, servername)
    this.pool = new Pool(origin, {
      connections: options.connections,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      // What a server hints at shortens this, and never makes it longer.
      keepAliveMaxTimeout: options.keepAliveTimeoutMs,
      pipelining: 1,
      // The limits of the exchanges hold; these would fire up to a second late.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: this.connector.connect,
      factory: (at, setting) => new PooledClient(at, setting),
    })
  }

  get state(): PoolState {
    return this.phase
  }

  get breaking(): Error | undefined {
    return this.connector.breaking
  }

  /** Nobody uses it or waits for it. */
  get isIdle(): boolean {
    return this.inFlight === 0 && this.waiting.size === 0
  }

  get stats(): PoolStats {
    const { origin, phase: state, inFlight, waiting, connector } = this
    const { connected, connecting } = connector
    return { origin, state, inFlight, waiting: waiting.size, connected, connecting }
  }

  open(sink: ExchangeSink, limits: ExchangeLimits): Exchange {
    return new LegacyExchange(this, sink, limits)
  }

  /** Opens up to `count` connections ahead of their use; resolves with how many could be opened, and never rejects. */
  async warm(count: number = this.options.warmConnections): Promise<number> {
    if (this.phase !== 'open') return 0
    const { connections } = this.options
    return this.connector.warm(new URL(this.origin), Math.min(count, connections - this.connector.connected))
  }

  /** Lets what is under way end, for as long as the options say; what waits fails at once, so that it can go elsewhere. */
  drain(): void {
    if (this.phase !== 'open') return
    this.phase = 'draining'
    this.rejectWaiting()
    if (this.isDone) {
      this.end(this.goneError())
      return
    }
    const { clock, drainTimeoutMs } = this.options
    const until = (clock.now() + drainTimeoutMs) as MonotonicMs
    this.cancelGrace = clock.schedule(until, () => this.end(this.goneError()), { background: true })
  }

  /** The instance came back before all had ended. Does nothing once the pool is closed. */
  revive(): void {
    if (this.phase !== 'draining') return
    this.phase = 'open'
    this.cancelGrace?.()
  }

  /** Drains, and resolves when no socket is left. */
  async close(): Promise<void> {
    this.drain()
    await this.closed
  }

  /** Cuts off what is under way, and resolves when no socket is left. */
  async destroy(error: Error = this.goneError()): Promise<void> {
    this.drain()
    this.end(error)
    await this.closed
  }

  send(exchange: WireExchange, options: Dispatcher.DispatchOptions): void {
    if (this.phase !== 'open') exchange.reject(this.goneError())
    else if (this.inFlight < this.options.connections) this.carry(exchange, options)
    else if (this.waiting.size < this.options.maxQueue) this.waiting.set(exchange, options)
    else {
      exchange.reject(this.fullError())
    }
  }

  gaveUp(exchange: WireExchange): void {
    if (this.waiting.size > 0) this.waiting.delete(exchange)
    if (!exchange.isCarried) return
    this.abandoned.add(exchange)
    // It has not told undici yet.
    if (this.phase === 'draining') queueMicrotask(() => this.endIfDone())
  }

  freed(exchange: WireExchange): void {
    this.inFlight--
    if (this.abandoned.size > 0) this.abandoned.delete(exchange)
    if (this.waiting.size > 0) this.carryNext()
    else this.endIfDone()
  }

  /** Nobody waits for anything. */
  private get isDone(): boolean {
    return this.inFlight === this.abandoned.size
  }

  private endIfDone(): void {
    if (this.phase === 'draining' && this.isDone) this.end(this.goneError())
  }

  private carry(exchange: WireExchange, options: Dispatcher.DispatchOptions): void {
    this.inFlight++
    exchange.isCarried = true
    this.pool.dispatch(options, exchange as LegacyExchange)
  }

  private carryNext(): void {
    const [next] = this.waiting
    if (next === undefined) return
    const [exchange, options] = next
    this.waiting.delete(exchange)
    this.carry(exchange, options)
  }

  private rejectWaiting(): void {
    const exchanges = [...this.waiting.keys()]
    this.waiting.clear()
    for (const exchange of exchanges) exchange.reject(this.goneError())
  }

  private end(error: Error): void {
    if (this.phase === 'closed') return
    this.phase = 'closed'
    this.cancelGrace?.()
    const ends = Promise.all([this.pool.destroy(error), this.connector.destroy(error)])
    void ends.then(() => {
      this.onClosed(this)
      this.reportClosed?.()
    })
  }

  private goneError(): PoolClosedError {
    return new PoolClosedError(`${this.origin} is not used any more`)
  }

  private fullError(): BulkheadFullError {
    const { connections, maxQueue } = this.options
    const reason = maxQueue === 0 ? 'concurrency' : 'queue_full'
    const numbers = `${String(connections)} requests are under way, ${String(maxQueue)} wait`
    return new BulkheadFullError(`${this.origin}: ${numbers}`, { reason })
  }
}
