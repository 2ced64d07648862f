/**
 * The open batches of one scope, one for each shard, and when they leave.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Call, CallEnd, Cancel, Clock, KeyId, MonotonicMs } from '@breakwater/kernel'
import { departureAt } from '../core/departure.js'
import type { Timetable } from '../core/departure.js'
import { Batch } from './batch.js'
import type { BatchMaking } from './batch.js'

/** Runs something in an async context that was kept. */
type Context = <R>(fn: () => R) => R

/** Why a batch left. */
export type DepartureReason = 'window' | 'full' | 'overflow'

/** What the queues of a collapser have in common. */
export interface QueueMaking<Q> extends BatchMaking<Q> {
  readonly clock: Clock
  /** Asked for each new batch. */
  readonly maxSize: () => number
  readonly timetable: Timetable
  /** Where batches run; absent: where their first request was made. */
  readonly home: Context | undefined
  readonly left: (size: number, reason: DepartureReason) => void
}

/** A request on its way into a batch. */
interface Arrival<Q> {
  readonly id: KeyId
  readonly shard: KeyId
  readonly request: Q
  readonly call: Call
}

interface Open<Q> {
  readonly batch: Batch<Q>
  readonly context: Context
  readonly cancel: Cancel
  readonly maxSize: number
}

export class Queue<Q> {
  private readonly open = new Map<KeyId, Open<Q>>()
  private firstAt: MonotonicMs | undefined = undefined
  private firstContext: Context | undefined = undefined

  constructor(private readonly making: QueueMaking<Q>) {}

  /** Whether this request is in a batch that has not left. */
  holds({ id, shard }: Arrival<Q>): boolean {
    return this.open.get(shard)?.batch.has(id) === true
  }

  add(arrival: Arrival<Q>): Promise<CallEnd> {
    const { id, shard, request, call } = arrival
    const end = this.openFor(arrival).batch.add(id, request, call)
    if (!this.making.timetable.isFixedRate && this.isFull(shard)) this.leave(shard, 'full')
    return end
  }

  /** There will be no batch: all who wait for one fail with this error. */
  close(error: unknown): void {
    for (const { batch, cancel } of this.open.values()) {
      cancel()
      batch.fail(error)
    }
    this.open.clear()
  }

  private isFull(shard: KeyId): boolean {
    const opened = this.open.get(shard)
    return opened !== undefined && opened.batch.size >= opened.maxSize
  }

  private openFor(arrival: Arrival<Q>): Open<Q> {
    const { shard } = arrival
    if (this.making.timetable.isFixedRate && !this.holds(arrival) && this.isFull(shard)) {
      // Hystrix: in the context of the request that does not fit.
      this.leave(shard, 'overflow')
      // What leaves is foreign code, which may have filled the next one.
      return this.openFor(arrival)
    }
    const known = this.open.get(shard)
    if (known !== undefined) return known
    const maxSize = this.making.maxSize()
    // What says so is foreign code, which may have made a request of its own.
    return this.open.has(shard) ? this.openFor(arrival) : this.opened(arrival, maxSize)
  }

  private opened({ shard, call }: Arrival<Q>, maxSize: number): Open<Q> {
    const { clock, timetable, home } = this.making
    const now = clock.now()
    this.firstAt ??= now
    const context = home ?? this.contextOfFirst()
    const opened: Open<Q> = {
      batch: new Batch(this.making, call, () => {
        opened.cancel()
        // While it leaves, another one may be open already.
        if (this.open.get(shard) === opened) this.open.delete(shard)
      }),
      context,
      maxSize,
      cancel: clock.schedule(departureAt(timetable, now, this.firstAt), () => this.leave(shard, 'window')),
    }
    this.open.set(shard, opened)
    return opened
  }

  // Of the batch, or in Hystrix of all batches.
  private contextOfFirst(): Context {
    if (!this.making.timetable.isFixedRate) return AsyncLocalStorage.snapshot()
    return (this.firstContext ??= AsyncLocalStorage.snapshot())
  }

  private leave(shard: KeyId, reason: DepartureReason): void {
    const opened = this.open.get(shard)
    if (opened === undefined) return
    const { batch, context, cancel } = opened
    cancel()
    this.open.delete(shard)
    this.making.left(batch.size, reason)
    // A listener is foreign code: with it, all may have left who were in it.
    if (batch.size === 0) return
    if (reason === 'overflow') batch.send()
    else context(() => batch.send())
  }
}
