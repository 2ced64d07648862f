/**
 * Opens the sockets of one pool and knows every one of them, so that none outlives the pool: undici alone leaves sockets that
 * are still being opened to their timeout, and some clients that it dropped to themselves.
 */
import { lookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import { isIP } from 'node:net'
import type { LookupFunction, Socket } from 'node:net'
import { leave, outsideOfCalls, timelineOf } from '@breakwater/kernel'
import type { Waiting } from '@breakwater/kernel'
import { buildConnector, errors } from 'undici'
import type { AddressGate } from './address-rules.js'
import type { ResolvedPools } from './pool-options.js'
import { wakeAtEnd } from './resting-parser.js'
import { SpareSockets } from './spare-sockets.js'
import { AddressDeniedError } from './wire-errors.js'

type Open = (target: buildConnector.Options, callback: buildConnector.Callback) => Socket

/** A socket that is being opened, while its time runs. */
class Opening implements Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  private readonly socket: Socket
  private readonly message: string

  constructor(socket: Socket, message: string) {
    this.socket = socket
    this.message = message
  }

  expire(): void {
    this.socket.destroy(new errors.ConnectTimeoutError(this.message))
  }
}

export class Connector {
  /**
   * The error of a socket, for as long as its listeners are being called. undici takes an answer without a length for complete when
   * its connection is reset (RFC 9112 §8 does not), and tells its handler within that call.
   */
  breaking: Error | undefined = undefined
  /** Given to undici as its `connect`. */
  readonly connect: buildConnector.connector
  private readonly open: Open
  private readonly options: ResolvedPools
  private readonly servername: string | undefined
  /** Whether each is open already. */
  private readonly sockets = new Map<Socket, boolean>()
  private readonly spare: SpareSockets
  private openCount = 0
  private refusal: Error | undefined = undefined

  constructor(options: ResolvedPools, servername: string | undefined) {
    this.options = options
    this.servername = servername
    this.spare = new SpareSockets(options.clock, options.keepAliveTimeoutMs)
    // The type says `void`; what comes is the socket that is being opened.
    this.open = buildConnector({
      ...options.tls,
      rejectUnauthorized: true,
      timeout: 0,
      lookup: permittedLookup(options.gate),
    }) as unknown as Open
    const connect: buildConnector.connector = (target, callback) => {
      const spare = this.spare.take()
      if (spare === undefined) this.begin(target, callback)
      else queueMicrotask(() => callback(null, spare))
    }
    this.connect = connect
  }

  /** Sockets that are open, spare ones included. */
  get connected(): number {
    return this.openCount
  }

  /** Sockets that are being opened. */
  get connecting(): number {
    return this.sockets.size - this.openCount
  }

  /** Opens sockets to `origin` that wait for their first request; resolves with how many could be opened. */
  async warm(origin: URL, count: number): Promise<number> {
    const { hostname, host, protocol, port } = origin
    const target = { hostname: unbracketed(hostname), host, protocol, port }
    const opened = await Promise.all(Array.from({ length: count }, () => this.openSpare(target)))
    return opened.filter(Boolean).length
  }

  /** Destroys every socket, with those that are being opened, and opens no more. Resolves when all are closed. */
  async destroy(error: Error): Promise<void> {
    this.refusal = error
    await Promise.all([...this.sockets.keys()].map((socket) => closed(socket, error)))
  }

  private openSpare(target: buildConnector.Options): Promise<boolean> {
    return new Promise((resolve) => {
      try {
        this.begin(target, (error, socket) => {
          if (error === null) this.spare.add(socket)
          resolve(error === null)
        })
      } catch {
        // Certificates that Node cannot read: whoever sends a request will hear of it.
        resolve(false)
      }
    })
  }

  private begin(target: buildConnector.Options, callback: buildConnector.Callback): void {
    const { gate, clock, connectTimeoutMs } = this.options
    const { hostname, host = hostname } = target
    const refusal =
      this.refusal ?? (isIP(hostname) === 0 || gate.permits(hostname) ? undefined : denied(hostname))
    if (refusal !== undefined) {
      // undici does not expect to be answered within its own call.
      queueMicrotask(() => callback(refusal, null))
      return
    }
    const named = this.servername === undefined ? target : { ...target, servername: this.servername }
    const connected: buildConnector.Callback = (error, opened) => {
      leave(opening)
      if (error !== null) {
        callback(error, null)
        return
      }
      this.openCount++
      this.sockets.set(opened, true)
      if (opened.remoteAddress !== undefined && gate.permits(opened.remoteAddress)) callback(null, opened)
      else {
        opened.destroy()
        callback(denied(opened.remoteAddress ?? hostname), null)
      }
    }
    // It serves others after the request that it is opened for.
    const socket = outsideOfCalls(() => this.open(named, connected))
    this.watch(socket)
    const opening = new Opening(socket, `no connection to ${host} within ${String(connectTimeoutMs)} ms`)
    timelineOf(clock).line(connectTimeoutMs).join(opening, clock.now())
  }

  private watch(socket: Socket): void {
    this.sockets.set(socket, false)
    wakeAtEnd(socket)
    socket.once('error', (error) => {
      this.breaking = error
      queueMicrotask(() => {
        this.breaking = undefined
      })
    })
    socket.once('close', () => {
      if (this.sockets.get(socket) === true) this.openCount--
      this.sockets.delete(socket)
    })
  }
}

/** Resolves names as usual, but leaves out the addresses that may not be connected to: nothing is sent there, not even a SYN. */
function permittedLookup(gate: AddressGate): LookupFunction {
  return (hostname, options, callback) => {
    const { all, ...rest } = options
    lookup(hostname, { ...rest, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, [])
        return
      }
      const permitted = found.filter(({ address }) => gate.permits(address))
      const [first] = permitted
      if (first === undefined) callback(denied(found[0]?.address ?? hostname), [])
      else if (all === true) callback(null, permitted)
      else answerWithOne(callback, first)
    })
  }
}

function answerWithOne(callback: Parameters<LookupFunction>[2], { address, family }: LookupAddress): void {
  callback(null, address, family)
}

function closed(socket: Socket, error: Error): Promise<void> {
  return new Promise((resolve) => {
    // One that is still known has not told of its end, whatever it says of itself.
    socket.once('close', () => resolve()).destroy(error)
  })
}

function denied(address: string): AddressDeniedError {
  return new AddressDeniedError(`${address} is not an address that may be connected to`, { address })
}

function unbracketed(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}
