/**
 * A limit on how many calls begin in a time: a token bucket, with a bounded queue for those who can wait.
 */
import { Emitter, invalidArgument, PolicyBase, readOptions } from '@breakwater/kernel'
import type { InvalidOptionsError, RateLimitedError, Stage } from '@breakwater/kernel'
import { copyOptions, describedRules } from '../common-options.js'
import { resolveRateLimiterOptions } from './rate-limiter-options.js'
import type { RateLimiterOptions, ResolvedRateLimiter } from './rate-limiter-options.js'
import { Turns } from './turns.js'
import type { RateLimitedReason, RateLimiterEvents } from './turns.js'

const UPDATABLE = ['rate', 'perMs', 'burst', 'warmUp', 'queue'] as const
const NESTED = ['queue', 'warmUp'] as const

/** The options that can be changed while the limiter works. */
export type RateLimiterUpdate = Partial<Pick<RateLimiterOptions, (typeof UPDATABLE)[number]>>

/** A rate limiter at one moment. */
export interface RateLimiterSnapshot {
  readonly name: string | undefined
  readonly rate: number
  readonly perMs: number
  readonly burst: number
  /** Calls that could begin now. */
  readonly available: number
  readonly queued: number
  readonly queueLimit: number
  /** Tokens taken so far. */
  readonly taken: number
  /** Calls refused so far, by reason. */
  readonly rejections: Readonly<Record<RateLimitedReason, number>>
}

/**
 * A rate limiter. A call takes a token, or waits for its turn, or is refused with `RateLimitedError`, whose
 * `retryAfterMs` says when the same call would be let in if nobody else came. In no time span more calls begin than its
 * length times the rate, and the burst; there is no timer but one for all who wait, while somebody does.
 *
 * In its usual place, around a retry, a call needs one token whatever its attempts; inside of a retry each attempt does.
 *
 * @throws InvalidOptionsError with every fault of the options.
 *
 * @example
 * ```ts
 * import { RateLimiter } from '@breakwater/breaker'
 *
 * const limiter = new RateLimiter({ rate: 100, burst: 2, queue: { limit: 10, maxWaitMs: 50 } })
 * // The third call begins 10 ms after the others.
 * const answers = await Promise.all([1, 2, 3].map((n) => limiter.execute(async () => n * 2)))
 * console.log(answers) // [ 2, 4, 6 ]
 * ```
 */
export class RateLimiter extends PolicyBase implements Disposable {
  private options: ResolvedRateLimiter
  private readonly turns: Turns

  constructor(private given: RateLimiterOptions) {
    super()
    this.given = copyOptions(given, NESTED)
    this.options = resolveRateLimiterOptions(this.given)
    this.turns = new Turns(this.options)
  }

  /** @internal */
  get stage(): Stage {
    const { clock, name } = this.options
    return {
      slot: 'rate',
      part: this.turns,
      clock,
      describe: () => ({ kind: 'rate-limiter', name, options: describedRules(this.options) }),
    }
  }

  get name(): string | undefined {
    return this.options.name
  }

  /**
   * Takes `count` tokens, all or none, without waiting: `undefined`, or the error that says why not. More than the burst
   * can never be had: such an error has no `retryAfterMs`. A `count` that is no whole number from 1 is answered with an
   * `InvalidOptionsError`.
   *
   * @example
   * ```ts
   * import { RateLimiter } from '@breakwater/breaker'
   *
   * const limiter = new RateLimiter({ rate: 10, burst: 5 })
   * console.log(limiter.tryAcquire(5)) // undefined
   * console.log(limiter.tryAcquire()?.code) // ERR_RATE_LIMITED
   * ```
   */
  tryAcquire(count: number = 1): RateLimitedError | InvalidOptionsError | undefined {
    if (!Number.isSafeInteger(count) || count < 1) {
      const expected = 'a whole number of tokens from 1'
      return invalidArgument('RateLimiter.tryAcquire', { path: 'count', received: count, expected })
    }
    const now = this.options.clock.now()
    return this.turns.tryTakeMany(count, now) ? undefined : this.turns.refuseNow(count, now)
  }

  snapshot(): RateLimiterSnapshot {
    const { turns, options } = this
    const { name, rate, perMs, burst, queueLimit, clock } = options
    return {
      name,
      rate,
      perMs,
      burst,
      available: turns.available(clock.now()),
      queued: turns.queued,
      queueLimit,
      taken: turns.taken,
      rejections: turns.rejections,
    }
  }

  /**
   * Changes options: all of them or, when one is wrong, none. The tokens that are there stay, up to the new burst. Those
   * who wait stay too, unless their turn would now come too late: they are refused at once.
   *
   * @throws InvalidOptionsError
   */
  update(options: RateLimiterUpdate): void {
    const changes = copyOptions(options, NESTED)
    readOptions('RateLimiter.update', changes, UPDATABLE).finish()
    const given = { ...this.given, ...changes }
    this.options = resolveRateLimiterOptions(given)
    this.given = given
    this.turns.configure(this.options)
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof RateLimiterEvents>(
    event: E,
    listener: (payload: RateLimiterEvents[E]) => void,
  ): () => void {
    this.turns.events ??= new Emitter('RateLimiter')
    return this.turns.events.on(event, listener)
  }

  /** Removes all listeners. The limiter itself goes on working. */
  dispose(): void {
    this.turns.events?.clear()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
