/**
 * A limit on how many calls run at once, with a bounded queue: what keeps one slow dependency from taking everything.
 */
import { Emitter, PolicyBase, readOptions } from '@breakwater/kernel'
import type { BulkheadReading, Stage } from '@breakwater/kernel'
import { copyOptions, describedRules } from '../common-options.js'
import { resolveBulkheadOptions } from './bulkhead-options.js'
import type { BulkheadOptions, ResolvedBulkhead } from './bulkhead-options.js'
import { Slots } from './slots.js'
import type { BulkheadEvents } from './slot-rules.js'

/** The options that can be changed while the bulkhead works. */
export type BulkheadUpdate = Pick<BulkheadOptions, 'limit' | 'queue' | 'priority' | 'releaseOnTimeout'>

/** A bulkhead at one moment. */
export interface BulkheadSnapshot {
  readonly name: string | undefined
  /** Slots taken now, by running calls and by work that runs on after its call ended early. */
  readonly running: number
  readonly limit: number
  readonly queued: number
  readonly queueLimit: number
  /** Calls refused so far, by reason. */
  readonly rejections: BulkheadReading['rejections']
}

const UPDATABLE = ['limit', 'queue', 'priority', 'releaseOnTimeout'] as const
const NESTED = ['queue'] as const

/**
 * A bulkhead. A call takes a slot, or a place in the queue, or is refused with `BulkheadFullError` (`reason` says why).
 * Who was accepted into the queue is never refused as "full" later: it runs, or ends by its own time or abort.
 *
 * @throws InvalidOptionsError with every fault of the options.
 *
 * @example
 * ```ts
 * import { Bulkhead } from '@breakwater/breaker'
 *
 * const bulkhead = new Bulkhead({ limit: 2, queue: { limit: 10, maxWaitMs: 100 } })
 * const answers = await Promise.all([1, 2, 3].map((n) => bulkhead.execute(async () => n * 2)))
 * console.log(answers) // [ 2, 4, 6 ]
 * ```
 */
export class Bulkhead extends PolicyBase implements Disposable {
  private options: ResolvedBulkhead
  private readonly slots: Slots
  private readonly unregister: (() => void) | undefined

  constructor(private given: BulkheadOptions = {}) {
    super()
    this.given = copyOptions(given, NESTED)
    this.options = resolveBulkheadOptions(this.given)
    this.slots = new Slots(this.options)
    const { name = '', group, runtime } = this.options
    this.unregister = runtime?.register({ kind: 'bulkhead', name, group, read: () => this.reading() })
  }

  /** @internal */
  get stage(): Stage {
    const { clock, name } = this.options
    return {
      slot: 'limit',
      part: this.slots,
      clock,
      describe: () => ({ kind: 'bulkhead', name, options: describedRules(this.options) }),
    }
  }

  get name(): string | undefined {
    return this.options.name
  }

  snapshot(): BulkheadSnapshot {
    const { slots, options } = this
    const { running, queued, rejections } = slots
    return {
      name: options.name,
      running,
      limit: options.limit,
      queued,
      queueLimit: options.queueLimit,
      rejections,
    }
  }

  /**
   * Changes options: all of them or, when one is wrong, none. A lower limit lets those finish who run, and sends nobody
   * away who waits.
   *
   * @throws InvalidOptionsError
   */
  update(options: BulkheadUpdate): void {
    const changes = copyOptions(options, NESTED)
    readOptions('Bulkhead.update', changes, UPDATABLE).finish()
    const given = { ...this.given, ...changes }
    this.options = resolveBulkheadOptions(given)
    this.given = given
    this.slots.configure(this.options)
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof BulkheadEvents>(event: E, listener: (payload: BulkheadEvents[E]) => void): () => void {
    this.slots.events ??= new Emitter('Bulkhead')
    return this.slots.events.on(event, listener)
  }

  /** Removes the instrument and all listeners. The bulkhead itself goes on working. */
  dispose(): void {
    this.unregister?.()
    this.slots.events?.clear()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }

  private reading(): BulkheadReading {
    const { running, limit, queued, queueLimit, rejections } = this.snapshot()
    return {
      active: running,
      limit,
      queueSize: queued,
      queueLimit,
      rejections,
      queueWait: this.slots.queueWait,
    }
  }
}
