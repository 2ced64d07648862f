/** One direction of a proxied connection: takes chunks from one socket and gives them to the other, as the faults have it. */
import type { Socket } from 'node:net'
import type { Cancel, Clock, Random } from '@breakwater/kernel'
import { corruptBytes } from './core/corrupt.js'
import { Shaper } from './core/shaper.js'
import { concerns, shapeOf } from './proxy-faults.js'
import type { Direction, ProxyFaultName, ProxyFaults } from './proxy-faults.js'

/** With more than this under way the source has to wait. */
const MAX_UNDER_WAY_BYTES = 1024 * 1024

export interface OneWayOptions {
  readonly direction: Direction
  readonly from: Socket
  readonly to: Socket
  readonly clock: Clock
  readonly random: Random
  readonly faultsNow: () => ProxyFaults
  readonly applied: (fault: ProxyFaultName) => void
  /** Hands bytes over. */
  readonly pass: (bytes: Buffer) => void
}

interface UnderWay {
  readonly at: number
  readonly bytes: number
  readonly run: () => void
}

export class OneWay {
  private readonly options: OneWayOptions
  private readonly shaper: Shaper
  /** In the order of their times. One timer serves them all, so that none can overtake another. */
  private queue: UnderWay[] = []
  private underWayBytes = 0
  private cancelTimer: Cancel | undefined

  constructor(options: OneWayOptions) {
    this.options = options
    this.shaper = new Shaper(options.random)
    options.to.on('drain', () => {
      this.regulate()
    })
  }

  /** Takes a chunk. */
  take(chunk: Buffer): void {
    const { clock, direction, faultsNow, pass } = this.options
    const faults = faultsNow()
    const shape = shapeOf(faults, direction)
    const bytes = this.damage(chunk, faults)
    this.count(faults.blackhole, 'blackhole')
    this.count(shape.latency, 'latency')
    this.count(shape.bytesPerSecond, 'rate')
    this.count(shape.slice, 'slice')
    this.underWayBytes += bytes.length
    for (const { start, end, at } of this.shaper.shape(bytes.length, clock.now(), shape)) {
      const piece = bytes.subarray(start, end)
      const run = (): void => {
        pass(piece)
      }
      this.queue.push({ at, bytes: piece.length, run })
    }
    this.go()
  }

  /** The source has ended: so does the other side, after all that is under way. */
  end(): void {
    const { clock, direction, faultsNow, to } = this.options
    const at = this.shaper.end(clock.now(), shapeOf(faultsNow(), direction))
    const run = (): void => {
      to.end()
    }
    this.queue.push({ at, bytes: 0, run })
    this.go()
  }

  /** Moves what is due, unless a black hole holds it. */
  go(): void {
    const { clock, faultsNow } = this.options
    this.cancelTimer?.()
    this.cancelTimer = undefined
    if (faultsNow().blackhole === undefined) this.drain(clock.now())
    this.regulate()
  }

  stop(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
    this.queue = []
  }

  private drain(now: number): void {
    const later = this.queue.findIndex(({ at }) => at > now)
    for (const { bytes, run } of this.queue.splice(0, later === -1 ? this.queue.length : later)) {
      this.underWayBytes -= bytes
      run()
    }
    const [next] = this.queue
    if (next === undefined) return
    this.cancelTimer = this.options.clock.schedule(next.at, () => {
      this.go()
    })
  }

  /** Lets the source wait while too much is under way, or the other side does not read. */
  private regulate(): void {
    const { from, to } = this.options
    if (this.underWayBytes > MAX_UNDER_WAY_BYTES || to.writableNeedDrain) from.pause()
    else from.resume()
  }

  private damage(chunk: Buffer, { corrupt }: ProxyFaults): Buffer {
    const { direction, random } = this.options
    if (corrupt === undefined || !concerns(corrupt, direction)) return chunk
    const { bytes, changed } = corruptBytes(chunk, corrupt.chance ?? 0, random)
    if (changed > 0) this.options.applied('corrupt')
    return Buffer.from(bytes)
  }

  private count(isSet: unknown, fault: ProxyFaultName): void {
    if (isSet !== undefined) this.options.applied(fault)
  }
}
