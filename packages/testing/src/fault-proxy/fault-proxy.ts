/**
 * A TCP proxy on loopback that spoils what passes through it, while it passes. It counts what it did, because a test of a
 * fault that never bit proves nothing.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Clock, Random } from '@breakwater/kernel'
import { ProxiedConnection } from './proxied-connection.js'
import { addressOf, resolveProxyOptions } from './proxy-options.js'
import type { FaultProxyOptions, ResolvedProxyOptions } from './proxy-options.js'
import {
  PROXY_FAULTS,
  readAnswer,
  readCorrupt,
  readCut,
  readLatency,
  readRate,
  readSlice,
} from './proxy-faults.js'
import type {
  CorruptFault,
  CutFault,
  HttpFault,
  LatencyFault,
  ProxyFaultName,
  ProxyFaults,
  RateFault,
  SliceFault,
} from './proxy-faults.js'

/** What the proxy has done. */
export interface FaultProxyStats {
  /** Accepted since the start. */
  readonly connections: number
  /** Open now. */
  readonly open: number
  /** Bytes handed to the target. */
  readonly bytesUp: number
  /** Bytes handed to clients. */
  readonly bytesDown: number
  /** How often each fault did something: chunks delayed, slowed, sliced, damaged or held, connections cut, requests answered. */
  readonly applied: Readonly<Record<ProxyFaultName, number>>
}

const HOST = '127.0.0.1'

/**
 * A faulty network in front of something that works. Every fault can be switched while connections are open and concerns
 * open and new ones alike, from the next byte on; faults add up, and the same fault set again replaces itself.
 *
 * @example
 * ```ts
 * import { EmbeddedEureka, FaultProxy } from '@breakwater/testing'
 *
 * const eureka = await EmbeddedEureka.start()
 * const proxy = await FaultProxy.start({ target: eureka.url })
 *
 * proxy.answer({ status: 503, count: 1 })
 * console.log((await fetch(`${proxy.url}apps/`)).status) // 503
 * console.log((await fetch(`${proxy.url}apps/`)).status) // 200
 * proxy.reset()
 * console.log(await fetch(`${proxy.url}apps/`).then(() => 'answered', () => 'reset')) // reset
 * console.log(proxy.stats.applied.reset > 0) // true
 *
 * await proxy.stop()
 * await eureka.stop()
 * ```
 */
export class FaultProxy {
  private readonly server: Server
  private readonly target: URL
  private readonly clock: Clock
  private readonly random: Random
  private readonly open = new Set<ProxiedConnection>()
  private readonly counts = { connections: 0, up: 0, down: 0 }
  private readonly applied = new Map<ProxyFaultName, number>()
  private faults: ProxyFaults = {}
  private answersLeft = 0
  private port = 0

  private constructor({ target, clock, random }: ResolvedProxyOptions) {
    this.target = target
    this.clock = clock
    this.random = random
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      this.accept(client)
    })
  }

  /** Starts a proxy on 127.0.0.1. Rejects with `InvalidOptionsError`, and with the system's error when the port is taken. */
  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const resolved = resolveProxyOptions(options)
    const proxy = new FaultProxy(resolved)
    proxy.server.listen(resolved.port, HOST)
    await once(proxy.server, 'listening')
    proxy.port = (proxy.server.address() as AddressInfo).port
    return proxy
  }

  /** The target's URL with the address of the proxy in its place. */
  get url(): string {
    const { protocol, username, password, pathname, search } = this.target
    const user = username === '' ? '' : `${username}${password === '' ? '' : `:${password}`}@`
    return `${protocol}//${user}${HOST}:${String(this.port)}${pathname}${search}`
  }

  get stats(): FaultProxyStats {
    const { connections, up, down } = this.counts
    const applied = Object.fromEntries(PROXY_FAULTS.map((name) => [name, this.applied.get(name) ?? 0]))
    return {
      connections,
      open: this.open.size,
      bytesUp: up,
      bytesDown: down,
      applied: applied as Record<ProxyFaultName, number>,
    }
  }

  /** Delays every chunk, with jitter or without; order is kept. */
  latency(fault: LatencyFault): void {
    this.set({ latency: readLatency(fault) })
  }

  /** Lets so many bytes a second through, for each connection and direction. */
  rate(fault: RateFault): void {
    this.set({ rate: readRate(fault) })
  }

  /** Cuts what passes into small pieces with time between them. */
  slice(fault?: SliceFault): void {
    this.set({ slice: readSlice(fault) })
  }

  /** Flips bits, each byte with the given chance. */
  corrupt(fault?: CorruptFault): void {
    this.set({ corrupt: readCorrupt(fault) })
  }

  /** Resets connections (RST): open ones at once and new ones when they come, or each after so many bytes of answers. */
  reset(fault?: CutFault): void {
    this.set({ reset: readCut('reset', fault) })
    for (const connection of [...this.open]) connection.cutBegins()
  }

  /** Ends the side to the client (FIN), at once or after so many bytes; what the client sends still passes. */
  halfClose(fault?: CutFault): void {
    this.set({ halfClose: readCut('halfClose', fault) })
    for (const connection of [...this.open]) connection.cutBegins()
  }

  /** Lets nothing through in either direction, also no end of a connection; what is held back goes on when healed. */
  blackhole(): void {
    this.set({ blackhole: {} })
  }

  /**
   * Answers HTTP/1 requests in the target's place, also when there is no target, and closes the connection. A request whose
   * head comes in pieces, or on TLS, is not recognised and passes.
   */
  answer(fault: HttpFault): void {
    const answer = readAnswer(fault)
    this.answersLeft = answer.count ?? Infinity
    this.set({ answer })
  }

  /** Ends one fault, or all. What is delayed still takes its time. */
  heal(fault?: ProxyFaultName): void {
    const kept = Object.entries(this.faults).filter(([name]) => fault !== undefined && name !== fault)
    this.faults = Object.fromEntries(kept)
    for (const connection of [...this.open]) connection.healed()
  }

  /** Ends all connections and closes the port. May be called again. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    for (const connection of this.open) connection.destroy()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  private set(fault: ProxyFaults): void {
    this.faults = { ...this.faults, ...fault }
  }

  private accept(client: Socket): void {
    this.counts.connections += 1
    const connection: ProxiedConnection = new ProxiedConnection({
      client,
      target: addressOf(this.target),
      clock: this.clock,
      random: this.random,
      faultsNow: () => this.faults,
      applied: (fault) => this.applied.set(fault, (this.applied.get(fault) ?? 0) + 1),
      passed: (direction, bytes) => {
        this.counts[direction] += bytes
      },
      takeAnswer: () => this.answersLeft-- > 0,
      closed: () => this.open.delete(connection),
    })
    this.open.add(connection)
  }
}
