/**
 * Many small requests, one call: those that come close together go in one batch. Hystrix: `HystrixCollapser`.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  buildRunner,
  Emitter,
  identify,
  invalidArgument,
  RequestScopeError,
  RequestVariable,
} from '@breakwater/kernel'
import type { CachePart, Call, CallEnd, CallOptions, KeyId, Runner } from '@breakwater/kernel'
import { matchAnswers } from '../core/match-answers.js'
import { batchAnswerError } from './batch-answer-error.js'
import { resolveCollapserOptions } from './collapser-options.js'
import type { CollapserOptions, ResolvedCollapser } from './collapser-options.js'
import { Queue } from './queue.js'
import type { DepartureReason, QueueMaking } from './queue.js'

export type { BatchAnswers } from './collapser-options.js'

/** What a collapser tells its listeners. */
export interface CollapserEvents {
  /** A batch leaves: its window is over, it is full, or (in Hystrix) there is a request that does not fit. */
  batch: { readonly size: number; readonly reason: DepartureReason }
}

/** Makes batches of requests. */
export interface Collapser<Q, A> {
  readonly name: string | undefined
  /**
   * The answer to one request, which may come from a batch of many. Rejects with the request's own failure, with that of
   * its batch (the same object for all), with `BatchAnswerError` when the batch has no answer for it, and with
   * `RequestScopeError` when there is no request to this process or it ends before the batch leaves. An abort or a
   * used-up budget ends this call only: the batch goes on for the others.
   */
  load(request: Q, options?: CallOptions): Promise<A>
  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof CollapserEvents>(event: E, listener: (payload: CollapserEvents[E]) => void): () => void
}

/**
 * Makes a collapser. A batch leaves `windowMs` after its first request, or at once when it has `maxSize` of them; it runs
 * in the async context of its first request or, with the scope `process`, in the one in which the collapser was made.
 * Requests with equal keys share one answer while their batch is gathered (what was answered before is for a
 * `RequestCache` to know).
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { createCollapser } from '@breakwater/fallback'
 *
 * const users = createCollapser({
 *   scope: 'process',
 *   windowMs: 5,
 *   batch: async (ids: readonly number[]) => {
 *     console.log('select … where id in', ids)
 *     return new Map(ids.map((id) => [id, `user ${id}`]))
 *   },
 * })
 * const [ann, bob] = await Promise.all([users.load(1), users.load(2), users.load(1)]) // prints: select … where id in [ 1, 2 ]
 * console.log(ann, bob) // user 1 user 2
 * ```
 */
export function createCollapser<Q, A>(options: CollapserOptions<Q, A>): Collapser<Q, A> {
  return new BatchingCollapser<Q, A>(resolveCollapserOptions(options))
}

/** A request that is nothing, and a shard that is none. */
const NONE: KeyId = 'none'
const NOTHING = (): undefined => undefined

class BatchingCollapser<Q, A> implements Collapser<Q, A>, CachePart {
  private readonly events = new Emitter<CollapserEvents>('Collapser')
  // Callers' signals and budgets are its business.
  private readonly runner: Runner
  private readonly queue: () => Queue<Q>

  constructor(private readonly options: ResolvedCollapser<Q>) {
    const { name, clock } = options
    const describe = (): { kind: string } => ({ kind: 'collapser' })
    this.runner = buildRunner([{ slot: 'cache', part: this, clock, describe }], name)
    this.queue = this.queues()
  }

  get name(): string | undefined {
    return this.options.name
  }

  load(request: Q, options?: CallOptions): Promise<A> {
    return this.runner.execute(NOTHING, options, [request]) as Promise<A>
  }

  on<E extends keyof CollapserEvents>(event: E, listener: (payload: CollapserEvents[E]) => void): () => void {
    return this.events.on(event, listener)
  }

  /** @internal */
  answer(_run: unknown, call: Call, input: unknown): Promise<CallEnd> {
    const { key, shard, duplicates } = this.options
    // What `load` gave.
    const [request] = input as [Q]
    const arrival = { id: idOf(key(request)), shard: idOf(shard?.(request)), request, call }
    const queue = this.queue()
    if (queue.holds(arrival) && duplicates() === 'reject') {
      const expected = 'a request that is not in the batch already'
      throw invalidArgument('load', { path: 'request', received: request, expected })
    }
    return queue.add(arrival)
  }

  private queues(): () => Queue<Q> {
    const making = this.making()
    if (this.options.scope === 'process') {
      const only = new Queue(making)
      return () => only
    }
    const queues = new RequestVariable({
      create: () => new Queue(making),
      onEnd: (queue) =>
        queue.close(new RequestScopeError('the request ended before its batch left', { reason: 'ended' })),
    })
    return () => queues.get()
  }

  private making(): QueueMaking<Q> {
    const { batch, clock, maxSize, windowMs, compat, scope, name } = this.options
    const isMixed = scope === 'process' && compat === undefined
    return {
      batch,
      clock,
      maxSize,
      now: () => clock.now(),
      timetable: { windowMs, isFixedRate: compat !== undefined },
      // A batch for many requests to this process runs for none of them.
      home: isMixed ? AsyncLocalStorage.snapshot() : undefined,
      left: (size, reason) => this.events.emit('batch', { size, reason }),
      match: (answers, ids) =>
        matchAnswers(answers, {
          ids,
          identify: idOf,
          error: (reason) => batchAnswerError(name, reason),
        }),
    }
  }
}

function idOf(key: unknown): KeyId {
  return identify(key) ?? NONE
}
