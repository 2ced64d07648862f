/** One connection through the proxy: the client's socket, the one to the target, and a direction each way. */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { Clock, Random } from '@breakwater/kernel'
import { httpAnswer, requestHead } from './core/request-head.js'
import { OneWay } from './one-way.js'
import type { CutFault, Direction, HttpFault, ProxyFaultName, ProxyFaults } from './proxy-faults.js'

export interface ConnectionOptions {
  readonly client: Socket
  readonly target: { readonly host: string; readonly port: number }
  readonly clock: Clock
  readonly random: Random
  readonly faultsNow: () => ProxyFaults
  readonly applied: (fault: ProxyFaultName) => void
  readonly passed: (direction: Direction, bytes: number) => void
  /** Takes one of the answers that a fault has left; `false` when it has none. */
  readonly takeAnswer: () => boolean
  readonly closed: () => void
}

export class ProxiedConnection {
  private readonly options: ConnectionOptions
  private readonly client: Socket
  private readonly upstream: Socket
  private readonly up: OneWay
  private readonly down: OneWay
  /** Bytes that the client has got, and had got when the present cut began. */
  private received = 0
  private receivedBeforeCut = 0
  private isHalfClosed = false
  private isAnswered = false
  /** Whether the client has sent something that is for the target to answer. */
  private asksTarget = false
  private isTargetLost = false
  private isClientLost = false

  constructor(options: ConnectionOptions) {
    this.options = options
    this.client = options.client
    this.upstream = connect({ ...options.target, allowHalfOpen: true, noDelay: true })
    this.up = this.oneWay('up', this.client, this.upstream)
    this.down = this.oneWay('down', this.upstream, this.client)
    this.wire()
    this.cut()
  }

  /** A cut has begun: bytes count from here, and one after no bytes happens at once. */
  cutBegins(): void {
    this.receivedBeforeCut = this.received
    this.cut()
  }

  /** Faults have ended: what was held back goes on. */
  healed(): void {
    this.up.go()
    this.down.go()
    this.passLoss()
  }

  /** Ends it without a word. */
  destroy(): void {
    this.client.destroy()
    this.upstream.destroy()
  }

  private wire(): void {
    const { client, upstream } = this
    let open = 2
    const closed = (): void => {
      open -= 1
      if (open > 0) return
      this.up.stop()
      this.down.stop()
      this.options.closed()
    }
    client.on('data', (chunk) => {
      if (this.isAnswered || this.answered(chunk)) return
      this.asksTarget = true
      this.up.take(chunk)
      this.passLoss()
    })
    client.on('end', () => {
      this.up.end()
    })
    upstream.on('data', (chunk) => {
      this.down.take(chunk)
    })
    upstream.on('end', () => {
      this.down.end()
    })
    client.on('error', () => {
      this.isClientLost = true
      this.passLoss()
    })
    upstream.on('error', () => {
      this.isTargetLost = true
      this.passLoss()
    })
    client.once('close', () => {
      if (!this.isClientLost || !this.isInBlackHole) upstream.destroy()
      closed()
    })
    upstream.once('close', closed)
  }

  private get isInBlackHole(): boolean {
    return this.options.faultsNow().blackhole !== undefined
  }

  /** Lets the one see that the other is there no more, unless a black hole is between them. */
  private passLoss(): void {
    if (this.isInBlackHole) return
    if (this.isClientLost) resetSocket(this.upstream)
    if (!this.isTargetLost) return
    const { answer } = this.options.faultsNow()
    // A target that is not there does not keep the proxy from answering in its place.
    if (answer === undefined || this.asksTarget) resetSocket(this.client)
  }

  private oneWay(direction: Direction, from: Socket, to: Socket): OneWay {
    const { clock, random, faultsNow, applied, passed } = this.options
    const pass = (bytes: Buffer): void => {
      const allowed = direction === 'up' ? bytes.length : Math.min(bytes.length, this.leftUntilCut())
      if (to.writable && allowed > 0) {
        to.write(bytes.subarray(0, allowed))
        passed(direction, allowed)
        if (direction === 'down') this.received += allowed
      }
      if (direction === 'down') this.cut()
    }
    return new OneWay({ direction, from, to, clock, random, faultsNow, applied, pass })
  }

  /** How many of the next bytes a cut lets through. */
  private leftUntilCut(): number {
    const { reset, halfClose } = this.options.faultsNow()
    return Math.min(this.leftUntil(reset), this.leftUntil(halfClose))
  }

  private leftUntil(cut: CutFault | undefined): number {
    if (cut === undefined) return Infinity
    return Math.max(0, (cut.afterBytes ?? 0) - (this.received - this.receivedBeforeCut))
  }

  private cut(): void {
    const { faultsNow, applied } = this.options
    const { reset, halfClose } = faultsNow()
    if (this.client.destroyed) return
    if (reset !== undefined && this.leftUntil(reset) === 0) {
      applied('reset')
      this.resetClient(reset.afterBytes ?? 0)
    } else if (this.leftUntil(halfClose) === 0 && !this.isHalfClosed) {
      applied('halfClose')
      this.isHalfClosed = true
      this.client.end()
    }
  }

  /** A reset after some bytes lets these through: it waits until what was written is on its way. */
  private resetClient(afterBytes: number): void {
    const { client } = this
    if (afterBytes === 0 || client.writableLength === 0) resetSocket(client)
    else client.write('', () => resetSocket(client))
  }

  private answered(chunk: Buffer): boolean {
    const { answer } = this.options.faultsNow()
    if (answer === undefined) return false
    const head = requestHead(chunk.toString('latin1'))
    if (head === undefined || !head.path.startsWith(answer.path ?? '')) return false
    if (!this.options.takeAnswer()) return false
    this.isAnswered = true
    this.respond(answer)
    return true
  }

  private respond({ status, body = '', headers = {} }: HttpFault): void {
    this.options.applied('answer')
    // As the target's own would, it goes through the other faults.
    this.down.take(Buffer.from(httpAnswer(status, body, headers)))
    this.down.end()
    this.upstream.destroy()
  }
}

/** Node cannot reset a socket whose end is just being sent: it would never close it. */
function resetSocket(socket: Socket): void {
  const isEnding = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished
  if (isEnding) socket.once('finish', () => socket.resetAndDestroy())
  else socket.resetAndDestroy()
}
