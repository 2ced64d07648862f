/**
 * A limit on how many calls run at once that is found out, not given: as many as the dependency takes without queueing.
 */
import { Emitter, PolicyBase, readOptions } from '@breakwater/kernel'
import type { BulkheadFullError, BulkheadReading, Stage } from '@breakwater/kernel'
import { copyOptions, describedRules } from '../common-options.js'
import type { BulkheadSnapshot } from '../bulkhead/bulkhead.js'
import { Slots } from '../bulkhead/slots.js'
import type { BulkheadEvents, SlotRules } from '../bulkhead/slot-rules.js'
import { Adaptation } from './adaptation.js'
import type { LimitChange } from './adaptation.js'
import { resolveAdaptiveLimiterOptions } from './adaptive-limiter-options.js'
import type {
  AdaptiveLimiterOptions,
  LimitAlgorithm,
  ResolvedAdaptiveLimiter,
} from './adaptive-limiter-options.js'
import type { LimitState } from './core/limit-state.js'
import { Shares } from './core/shares.js'
import { LimitPermit } from './limit-permit.js'
import { ShareBook } from './share-book.js'

const UPDATABLE = ['min', 'max', 'queue', 'releaseOnTimeout'] as const
const NESTED = ['queue'] as const

/** The options that can be changed while the limiter works. */
export type AdaptiveLimiterUpdate = Pick<AdaptiveLimiterOptions, (typeof UPDATABLE)[number]>

/** An adaptive limiter at one moment. */
export interface AdaptiveLimiterSnapshot extends BulkheadSnapshot {
  readonly algorithm: LimitAlgorithm
  readonly min: number
  readonly max: number
  /** What the algorithm knows. */
  readonly state: LimitState
  /** Those of the options; absent without. */
  readonly partitions?: Readonly<Record<string, { readonly running: number; readonly limit: number }>>
}

/** What an adaptive limiter tells its listeners. */
export interface AdaptiveLimiterEvents extends BulkheadEvents {
  /** The limit changed. */
  limit: LimitChange
}

/**
 * An adaptive limiter: a bulkhead that finds its limit by itself. Calls that take longer, or are dropped (timeout, 429,
 * 503), lower it; good ones that use at least half of it raise it. It refuses as a bulkhead does, with
 * `BulkheadFullError`, and has the same slots, queue and numbers.
 *
 * @throws InvalidOptionsError with every fault of the options.
 *
 * @example
 * ```ts
 * import { AdaptiveLimiter } from '@breakwater/breaker'
 *
 * const limiter = new AdaptiveLimiter({ algorithm: 'aimd', initial: 10, max: 100 })
 * for (let call = 0; call < 3; call++) {
 *   await limiter.outcome(() => Promise.reject(Object.assign(new Error('busy'), { status: 503 })))
 * }
 * console.log(limiter.snapshot().limit < 10) // true
 * ```
 */
export class AdaptiveLimiter extends PolicyBase implements Disposable {
  private options: ResolvedAdaptiveLimiter
  private readonly shares: Shares | undefined
  private readonly book: ShareBook | null
  private readonly slots: Slots
  private readonly adaptation: Adaptation
  private readonly unregister: (() => void) | undefined
  private events: Emitter<AdaptiveLimiterEvents> | undefined = undefined

  constructor(private given: AdaptiveLimiterOptions = {}) {
    super()
    this.given = copyOptions(given, NESTED)
    const options = resolveAdaptiveLimiterOptions(this.given)
    this.options = options
    const { initial, partitions, name = '', group, runtime } = options
    this.shares = partitions && new Shares(partitions.percents, initial)
    this.book = partitions && this.shares ? new ShareBook(this.shares, partitions.by) : null
    this.slots = new Slots(rulesOf(options, initial), 'limiter', this.book)
    this.adaptation = new Adaptation(options, this.slots)
    this.slots.sampler = this.adaptation
    this.unregister = runtime?.register({ kind: 'bulkhead', name, group, read: () => this.reading() })
  }

  /** @internal */
  get stage(): Stage {
    const { clock, name } = this.options
    return {
      slot: 'limit',
      part: this.slots,
      clock,
      describe: () => ({ kind: 'adaptive-limiter', name, options: describedRules(this.options) }),
    }
  }

  get name(): string | undefined {
    return this.options.name
  }

  /** Calls that may run at once now. */
  get limit(): number {
    return this.slots.limit
  }

  /**
   * Takes a slot by hand, without waiting: a permit, which must be settled, or the error that says why not. `partition`:
   * which kind of call it is for.
   *
   * @example
   * ```ts
   * import { AdaptiveLimiter, LimitPermit } from '@breakwater/breaker'
   *
   * const limiter = new AdaptiveLimiter({ initial: 1 })
   * const permit = limiter.tryAcquire()
   * console.log(permit instanceof LimitPermit, limiter.tryAcquire() instanceof LimitPermit) // true false
   * if (permit instanceof LimitPermit) permit.settle('success', 12)
   * ```
   */
  tryAcquire(partition?: string): LimitPermit | BulkheadFullError {
    const { slots, adaptation, book } = this
    const permit = new LimitPermit(slots, adaptation, this.options.clock)
    book?.introduce(permit, partition)
    if (slots.tryTakeFor(permit)) return permit
    return slots.refuse('concurrency', `all ${String(slots.limit)} slots are taken`)
  }

  snapshot(): AdaptiveLimiterSnapshot {
    const { slots, options, adaptation, shares } = this
    const { name, queueLimit, algorithm, min, max } = options
    const { running, limit, queued, rejections } = slots
    return {
      name,
      running,
      limit,
      queued,
      queueLimit,
      rejections,
      algorithm,
      min,
      max,
      state: adaptation.finder.state,
      ...(shares === undefined ? {} : { partitions: shares.snapshot() }),
    }
  }

  /**
   * Changes options: all of them or, when one is wrong, none. What the algorithm has learned stays, within the bounds.
   *
   * @throws InvalidOptionsError
   */
  update(options: AdaptiveLimiterUpdate): void {
    const changes = copyOptions(options, NESTED)
    readOptions('AdaptiveLimiter.update', changes, UPDATABLE).finish()
    const given = { ...this.given, ...changes, initial: undefined }
    this.options = resolveAdaptiveLimiterOptions(given)
    this.given = given
    this.slots.configure(rulesOf(this.options, this.slots.limit))
    this.adaptation.configure(this.options)
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof AdaptiveLimiterEvents>(
    event: E,
    listener: (payload: AdaptiveLimiterEvents[E]) => void,
  ): () => void {
    const events = (this.events ??= new Emitter('AdaptiveLimiter'))
    this.slots.events = events
    this.adaptation.events = events
    return events.on(event, listener)
  }

  /** Removes the instrument and all listeners. The limiter itself goes on working. */
  dispose(): void {
    this.unregister?.()
    this.events?.clear()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private reading(): BulkheadReading {
    const { running, limit, queued, queueLimit, rejections, state } = this.snapshot()
    const { minRttMs } = state
    return {
      active: running,
      limit,
      queueSize: queued,
      queueLimit,
      rejections,
      queueWait: this.slots.queueWait,
      adaptive: { limit, minRttMs },
    }
  }
}

function rulesOf(options: ResolvedAdaptiveLimiter, limit: number): SlotRules {
  const { queueLimit, maxWaitMs, order, releaseOnTimeout, name, clock } = options
  return { limit, queueLimit, maxWaitMs, order, priority: undefined, releaseOnTimeout, name, clock }
}
