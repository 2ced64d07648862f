/**
 * The tokens of a rate limiter and the line before them. Who waits is granted in the order of arrival, each when a token
 * is there; one timer serves all. Nobody waits in vain: who could not be served in time is told at once.
 */
import { ADMITTED, outsideOfCalls, RateLimitedError, SlotQueue, WAITING } from '@breakwater/kernel'
import type { Cancel, Emitter, MonotonicMs, RatePart, TurnSeeker, Waiter } from '@breakwater/kernel'
import { TokenBucket } from './core/token-bucket.js'
import type { ResolvedRateLimiter } from './rate-limiter-options.js'

/** Why a call was refused: no token (and no queue), queue full, or its turn would come too late. */
export type RateLimitedReason = 'rate' | 'queue_full' | 'queue_timeout'

/** What a rate limiter tells its listeners. */
export interface RateLimiterEvents {
  /** A call was refused. */
  rejected: { readonly error: RateLimitedError; readonly reason: RateLimitedReason }
  /** A call began to wait; `size` wait now. */
  queued: { readonly size: number }
}

interface Place extends Waiter<Place> {
  readonly seeker: TurnSeeker
  readonly since: number
  /** When its turn must have come. */
  readonly until: number
}

/** Whose turn comes when his time is over has no turn. */
const LEAST_TIME_MS = 0.001

export class Turns implements RatePart {
  events: Emitter<RateLimiterEvents> | null = null
  /** Tokens taken so far. */
  taken = 0
  private readonly bucket: TokenBucket
  private readonly queue: SlotQueue<Place>
  private readonly places = new Map<TurnSeeker, Place>()
  private readonly rejected: Record<RateLimitedReason, number> = { rate: 0, queue_full: 0, queue_timeout: 0 }
  private cancelTimer: Cancel | undefined = undefined
  private isServing = false

  constructor(private options: ResolvedRateLimiter) {
    this.bucket = new TokenBucket(options, options.clock.now())
    this.queue = new SlotQueue(options.queueLimit, 'fifo')
  }

  get queued(): number {
    return this.queue.size
  }

  get rejections(): Readonly<Record<RateLimitedReason, number>> {
    return { ...this.rejected }
  }

  available(now: number): number {
    return this.queue.size > 0 ? 0 : this.bucket.available(now)
  }

  tryTake(now: number): boolean {
    return this.tryTakeMany(1, now)
  }

  /** As `tryTake`, of `count` tokens; all or none. */
  tryTakeMany(count: number, now: number): boolean {
    // A token that comes is promised to who waits.
    if (this.queue.size > 0 || !this.bucket.tryTake(count, now)) return false
    this.taken += count
    return true
  }

  enter(seeker: TurnSeeker, now: number): typeof ADMITTED | typeof WAITING | RateLimitedError {
    if (this.tryTake(now)) return ADMITTED
    const { queueLimit, maxWaitMs } = this.options
    if (queueLimit === 0) return this.refuseNow(1, now)
    const waitMs = this.bucket.waitMs(this.queue.size + 1, now)
    const canWaitMs = Math.min(maxWaitMs, seeker.leftMs - LEAST_TIME_MS)
    const tooLongMs = Math.max(0, waitMs - canWaitMs)
    if (this.queue.full) {
      const detail = `all ${String(queueLimit)} places in the queue are taken`
      // More may wait than there are places: an update may have taken some.
      const untilPlaceMs = this.bucket.waitMs(this.queue.size - queueLimit + 1, now)
      return this.refuse('queue_full', detail, Math.max(tooLongMs, untilPlaceMs))
    }
    if (tooLongMs > 0) return this.refuse('queue_timeout', tooLate(waitMs, canWaitMs), tooLongMs)
    const place: Place = { prev: null, next: null, priority: 0, seeker, since: now, until: now + canWaitMs }
    this.queue.push(place)
    this.places.set(seeker, place)
    this.arm(now)
    this.events?.emit('queued', { size: this.queue.size })
    return WAITING
  }

  leave(seeker: TurnSeeker): void {
    const place = this.places.get(seeker)
    if (place === undefined) return
    this.remove(place)
    if (this.queue.size === 0) this.disarm()
  }

  /** The refusal of who wants `count` tokens now and cannot wait. */
  refuseNow(count: number, now: number): RateLimitedError {
    const { rate, perMs, burst } = this.options
    const never = count > burst
    const detail = never
      ? `${String(count)} at once are more than the burst of ${String(burst)}`
      : `${String(rate)} calls each ${String(perMs)} ms have begun`
    return this.refuse('rate', detail, never ? Infinity : this.bucket.waitMs(this.queue.size + count, now))
  }

  /** Other rules from now on; those who wait stay unless their turn would come too late now. */
  configure(options: ResolvedRateLimiter): void {
    const now = this.options.clock.now()
    this.options = options
    this.bucket.reshape(options, now)
    this.queue.limit = options.queueLimit
    this.sendAwayTheLate(now)
    this.serve()
  }

  private sendAwayTheLate(now: number): void {
    const late: Place[] = []
    let position = 0
    for (const place of this.places.values()) {
      if (now + this.bucket.waitMs(position + 1, now) > place.until) late.push(place)
      else position++
    }
    for (const place of late) this.remove(place)
    // Foreign code from here on: all of them are out of the line.
    for (const { seeker, since, until } of late) {
      const waitMs = this.bucket.waitMs(this.queue.size + 1, now)
      const detail = tooLate(now - since + waitMs, until - since)
      seeker.refused(this.refuse('queue_timeout', detail, waitMs))
    }
  }

  // A loop, not a recursion: work that is started may ask for tokens, or change the rate.
  private serve(): void {
    if (this.isServing) return
    this.isServing = true
    this.disarm()
    for (let next = this.queue.peek(); next !== null; next = this.queue.peek()) {
      const now = this.options.clock.now()
      if (!this.bucket.tryTake(1, now)) break
      this.taken++
      this.remove(next)
      next.seeker.granted()
    }
    this.isServing = false
    this.arm(this.options.clock.now())
  }

  private remove(place: Place): void {
    this.places.delete(place.seeker)
    this.queue.remove(place)
  }

  private arm(now: number): void {
    if (this.queue.size === 0 || this.isServing || this.cancelTimer !== undefined) return
    const { clock } = this.options
    const at = (now + this.bucket.waitMs(1, now)) as MonotonicMs
    this.cancelTimer = outsideOfCalls(() =>
      clock.schedule(at, () => {
        this.cancelTimer = undefined
        this.serve()
      }),
    )
  }

  private disarm(): void {
    this.cancelTimer?.()
    this.cancelTimer = undefined
  }

  private refuse(reason: RateLimitedReason, detail: string, retryAfterMs: number): RateLimitedError {
    this.rejected[reason]++
    const { name } = this.options
    const label = name === undefined ? 'rate limit' : `rate limit ${JSON.stringify(name)}`
    const error = new RateLimitedError(`${label}: ${detail}`, { retryAfterMs })
    this.events?.emit('rejected', { error, reason })
    return error
  }
}

function tooLate(waitMs: number, canWaitMs: number): string {
  return `the turn would come after ${String(Math.ceil(waitMs))} ms, and ${String(Math.max(0, Math.floor(canWaitMs)))} ms are allowed`
}
