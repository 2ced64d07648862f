/**
 * The slots of a bulkhead, or of a limiter that finds out how many there are to be, and the line before them. A freed slot goes to the next who waits in the turn that frees it:
 * it is never free in between, so no newcomer can take what was promised to someone in the line.
 */
import {
  ADMITTED,
  BulkheadFullError,
  LatencyHistogram,
  reportInternalError,
  SlotQueue,
  WAITING,
} from '@breakwater/kernel'
import type {
  BulkheadFullReason,
  BulkheadReading,
  Emitter,
  LimitPart,
  LimitSampler,
  QueueOrder,
  SlotSeeker,
  Waiter,
} from '@breakwater/kernel'
import type { BulkheadEvents, SlotRules, SlotShares } from './slot-rules.js'

interface Place extends Waiter<Place> {
  readonly seeker: SlotSeeker
  readonly since: number
}

export class Slots implements LimitPart {
  running = 0
  sampler: LimitSampler | null = null
  events: Emitter<BulkheadEvents> | null = null
  readonly queueWait: LatencyHistogram = new LatencyHistogram()
  private queue: SlotQueue<Place>
  private readonly places = new Map<SlotSeeker, Place>()
  private readonly rejected: Record<BulkheadFullReason, number> = {
    concurrency: 0,
    queue_full: 0,
    queue_timeout: 0,
  }
  private freed = 0
  /** Whether somebody in the line may have room besides those for whom a slot was freed; only with shares. */
  private mayHaveRoom = false
  private isHandingOver = false
  /** Up to where a slot is taken unseen: with shares, none is. */
  private open: number

  constructor(
    private options: SlotRules,
    /** What it is called in errors. */
    private readonly what: 'bulkhead' | 'limiter' = 'bulkhead',
    private readonly shares: SlotShares | null = null,
  ) {
    this.open = shares === null ? options.limit : 0
    this.queue = new SlotQueue(options.queueLimit, options.order)
  }

  get tellsHoldersApart(): boolean {
    return this.shares !== null
  }

  get limit(): number {
    return this.options.limit
  }

  get maxWaitMs(): number {
    return this.options.maxWaitMs
  }

  get releaseOnTimeout(): boolean {
    return this.options.releaseOnTimeout
  }

  get queued(): number {
    return this.queue.size
  }

  get rejections(): BulkheadReading['rejections'] {
    return { ...this.rejected }
  }

  tryTake(): boolean {
    if (this.running >= this.open) return false
    this.running++
    return true
  }

  /** As `tryTake`, for a holder whose share is known. */
  tryTakeFor(holder: object): boolean {
    const { shares } = this
    if (shares === null) return this.tryTake()
    // What is being handed over is promised to those in the line.
    if (this.isHandingOver && this.queue.size > 0) return false
    if (this.running >= this.options.limit && !shares.hasRoom(holder)) return false
    shares.take(holder)
    this.running++
    return true
  }

  enter(seeker: SlotSeeker, now: number): typeof ADMITTED | typeof WAITING | BulkheadFullError {
    if (this.shares !== null) this.shares.ask(seeker)
    if (this.tryTakeFor(seeker)) return ADMITTED
    const { limit, queueLimit } = this.options
    if (queueLimit === 0) return this.refuse('concurrency', `all ${String(limit)} slots are taken`)
    const place: Place = { prev: null, next: null, priority: this.priorityOf(seeker), seeker, since: now }
    // Asking for the priority was foreign code, which may have freed a slot.
    if (this.tryTakeFor(seeker)) return ADMITTED
    if (!this.queue.push(place)) {
      return this.refuse(
        'queue_full',
        `all ${String(limit)} slots and all ${String(queueLimit)} places in the queue are taken`,
      )
    }
    this.places.set(seeker, place)
    // Who comes meanwhile stands behind those in the line, whatever room there is for him.
    if (this.isHandingOver && this.shares !== null) this.mayHaveRoom = true
    this.events?.emit('queued', { size: this.queue.size })
    return WAITING
  }

  waitedTooLong(seeker: SlotSeeker): BulkheadFullError {
    this.leave(seeker)
    return this.refuse('queue_timeout', `no slot became free within ${String(this.options.maxWaitMs)} ms`)
  }

  leave(seeker: SlotSeeker): void {
    const place = this.places.get(seeker)
    if (place === undefined) return
    this.places.delete(seeker)
    this.queue.remove(place)
  }

  release(holder?: object): void {
    if (this.shares !== null && holder !== undefined) this.shares.release(holder)
    if (this.queue.size === 0 && !this.isHandingOver) {
      this.running--
      return
    }
    this.freed++
    this.handOver()
  }

  /** Another number of slots from now on. */
  resize(limit: number): void {
    if (limit !== this.options.limit) this.configure({ ...this.options, limit })
  }

  /** Other limits from now on. Those who run or wait stay, also above the new limits. */
  configure(options: SlotRules): void {
    if (options.order !== this.options.order) this.reorder(options.order)
    this.options = options
    if (this.shares === null) this.open = options.limit
    else this.resizeShares(this.shares)
    this.queue.limit = options.queueLimit
    // A slot that was freed and not handed over yet still counts as running.
    const gained = Math.min(this.queue.size, options.limit - this.running)
    for (let slot = 0; slot < gained; slot++) {
      this.running++
      this.freed++
    }
    this.handOver()
  }

  // The places are in order of arrival, which decides among equals.
  private reorder(order: QueueOrder): void {
    const queue = new SlotQueue<Place>(this.places.size, order)
    for (const place of this.places.values()) {
      this.queue.remove(place)
      queue.push(place)
    }
    this.queue = queue
  }

  // A loop, not a recursion: work that ends at once frees its slot while it is being started.
  private handOver(): void {
    if (this.isHandingOver) return
    this.isHandingOver = true
    while (this.freed > 0 || this.opensAnother()) {
      this.freed--
      const next = this.nextInLine()
      if (next === null) this.running--
      else this.grant(next)
    }
    this.isHandingOver = false
  }

  private resizeShares(shares: SlotShares): void {
    shares.resize(this.options.limit)
    this.mayHaveRoom = this.queue.size > 0
  }

  // One more slot, when there is somebody who would get it as a newcomer: below the limit, or of his share above it.
  private opensAnother(): boolean {
    if (!this.mayHaveRoom) return false
    const { shares, queue, running, options } = this
    const isOpen = running < options.limit
    this.mayHaveRoom = queue.first(({ seeker }) => isOpen || shares?.hasRoom(seeker) === true) !== null
    if (!this.mayHaveRoom) return false
    this.running++
    this.freed++
    return true
  }

  // Who gets a slot that was freed, and still counts as running: first those who have room in their shares.
  private nextInLine(): Place | null {
    const { shares, queue } = this
    const sure = shares === null ? null : queue.shiftFirst(({ seeker }) => shares.hasRoom(seeker))
    const next = sure ?? (this.running <= this.options.limit ? queue.shift() : null)
    if (shares !== null && next !== null) shares.take(next.seeker)
    return next
  }

  private grant(place: Place): void {
    this.places.delete(place.seeker)
    this.queueWait.record(this.options.clock.now() - place.since)
    place.seeker.granted()
  }

  /** Counts a refusal. */
  refuse(reason: BulkheadFullReason, detail: string): BulkheadFullError {
    this.rejected[reason]++
    const { name } = this.options
    const label = name === undefined ? this.what : `${this.what} ${JSON.stringify(name)}`
    const error = new BulkheadFullError(`${label} is full: ${detail}`, { reason })
    this.events?.emit('rejected', { error, reason })
    return error
  }

  private priorityOf(seeker: SlotSeeker): number {
    const { priority } = this.options
    if (priority === undefined) return 0
    try {
      const value = priority(seeker)
      if (typeof value === 'number' && !Number.isNaN(value)) return value
      reportInternalError(new TypeError('priority must answer a number'), 'priority')
    } catch (error) {
      reportInternalError(error, 'priority')
    }
    return 0
  }
}
