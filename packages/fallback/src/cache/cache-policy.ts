/**
 * What the caches share: answers by key, and one run at a time for each key. They differ in the rule by which they keep,
 * and in where their shelf is.
 */
import { describeValue, Emitter, identify, invalidArgument, PolicyBase, SharedRun } from '@breakwater/kernel'
import type {
  CacheKey,
  Call,
  CallEnd,
  CallOptions,
  CachePart,
  Clock,
  KeyId,
  Outcome,
  Stage,
  Work,
} from '@breakwater/kernel'
import type { Keeping } from '../core/keeping.js'
import { SharedCall } from '../shared-call.js'
import type { Kept, Shelf } from './shelf.js'

/**
 * The key of a call; `undefined` and `null`: this one is not cached. Behind the call stand the arguments of the wrapped
 * function, for calls made through `wrap`.
 */
export type KeyOf = (call: Call, ...args: never[]) => CacheKey

/** What a cache tells its listeners. */
export interface CacheEvents {
  /** An answer of before was given, without a call. */
  hit: { readonly key: CacheKey }
  /** A call joined the one that runs already. */
  shared: { readonly key: CacheKey }
  /** A call was made. */
  miss: { readonly key: CacheKey }
  /** A call failed, and a stale cache gave its answer of before; `outcome` is how it failed. */
  stale: { readonly key: CacheKey; readonly ageMs: number; readonly outcome: Outcome<unknown> }
}

/** What makes one cache of it, or another. */
export interface CacheMaking {
  readonly kind: string
  readonly name: string | undefined
  readonly clock: Clock
  readonly key: KeyOf | undefined
  readonly keeping: Keeping
  /** The shelf for this call; throws where there can be none. */
  readonly shelf: () => Shelf
  /** The shelf, where there is one already. */
  readonly shelfAtHand: () => Shelf | undefined
  readonly described: object
}

/** What `load` gives the runner: not arguments, but the key itself. */
class Loading {
  constructor(readonly key: CacheKey) {}
}

/** A policy that answers from memory. */
export abstract class CachePolicy extends PolicyBase implements CachePart {
  /** @internal */
  override readonly stage: Stage
  private readonly events: Emitter<CacheEvents>
  private readonly making: CacheMaking

  constructor(making: CacheMaking) {
    super()
    this.making = making
    this.events = new Emitter(making.kind)
    const { kind, name, clock, described } = making
    this.stage = {
      slot: 'cache',
      part: this,
      clock,
      describe: () => ({ kind, name, options: described }),
    }
  }

  /** Answers kept now, in the current request or in the process. */
  get size(): number {
    return this.making.shelfAtHand()?.answers.size ?? 0
  }

  /**
   * As `execute`, under a key that is given and not asked for. With the key `undefined` or `null` it is not cached. The
   * work starts before `load` returns, if it is to start at all.
   */
  load<R>(key: CacheKey, work: Work<R>, options?: CallOptions): Promise<R> {
    // The runner hands its input to the work too, which is not to see it.
    const alone = typeof work === 'function' ? (call: Call): R | PromiseLike<R> => work(call) : work
    return this.runner().execute(alone, options, new Loading(key)) as Promise<R>
  }

  /**
   * Forgets the answer of one key, or all, in the current request or in the process. A call under way still answers those
   * who wait for it, but no others.
   */
  clear(...key: [CacheKey] | []): void {
    const shelf = this.making.shelfAtHand()
    if (key.length === 0) shelf?.forgetAll()
    else shelf?.forget(identify(key[0]))
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof CacheEvents>(event: E, listener: (payload: CacheEvents[E]) => void): () => void {
    return this.events.on(event, listener)
  }

  /** @internal */
  answer(run: (call: Call) => Promise<CallEnd>, call: Call, input: unknown): CallEnd | Promise<CallEnd> {
    const { making } = this
    const key = this.keyOf(call, input)
    const id = identify(key)
    if (id === undefined) return run(call)
    const shelf = making.shelf()
    const kept = shelf.answers.get(id)
    if (kept !== undefined && making.keeping.isFresh(kept.at, making.clock.now())) {
      this.events.emit('hit', { key })
      return kept.end
    }
    const flight = shelf.flights.get(id)
    if (flight !== undefined) {
      flight.call.admit(call, flight.run.join(`${making.name ?? making.kind}, key ${describeValue(key)}`))
      this.events.emit('shared', { key })
      return flight.end
    }
    return this.takeOff({ shelf, key, id }, run, call)
  }

  private takeOff(
    place: Place,
    run: (call: Call) => Promise<CallEnd>,
    first: Call,
  ): CallEnd | Promise<CallEnd> {
    const { shelf, id, key } = place
    const isHere = (): boolean => shelf.flights.get(id)?.call === call
    const call = new SharedCall(
      first,
      () => this.making.clock.now(),
      () => {
        if (isHere()) shelf.flights.delete(id)
      },
    )
    // Before the run begins, because it may ask for the same key at once.
    let landed: (end: CallEnd) => void = () => {}
    const end = new Promise<CallEnd>((resolve) => (landed = resolve))
    const shared = new SharedRun()
    shelf.flights.set(id, { call, end, run: shared })
    call.admit(first, shared.begin())
    this.events.emit('miss', { key })
    // A listener is foreign code, as is what made the key: one of them may have aborted the call.
    if (call.isAbandoned) return { outcome: { kind: 'cancelled', error: first.signal.reason } }
    const running = shared.work(() => run(call))
    void running.then((itsEnd) => {
      shared.end()
      call.end()
      const isWanted = isHere()
      if (isWanted) shelf.flights.delete(id)
      landed(this.land(place, itsEnd, isWanted))
    })
    return end
  }

  // What the callers get of the end of their run.
  private land({ shelf, key, id }: Place, end: CallEnd, isWanted: boolean): CallEnd {
    const { clock, keeping } = this.making
    const at = clock.now()
    const kept: Kept | undefined = shelf.answers.peek(id)
    const verdict = keeping.judge(end.outcome, kept?.at, at)
    if (verdict === 'keep' && isWanted) shelf.answers.set(id, { end, at })
    if (verdict !== 'stale' || kept === undefined) return end
    this.events.emit('stale', { key, ageMs: at - kept.at, outcome: end.outcome })
    return kept.end
  }

  private keyOf(call: Call, input: unknown): CacheKey {
    if (input instanceof Loading) return input.key
    const { key, kind } = this.making
    if (key === undefined) {
      throw invalidArgument(`${kind}: execute`, {
        path: 'key',
        received: undefined,
        expected: 'the option `key`, or `load(key, work)`',
      })
    }
    // The arguments are those of a function that the caller wrapped under this policy.
    return key(call, ...((Array.isArray(input) ? input : []) as never[]))
  }
}

interface Place {
  readonly shelf: Shelf
  readonly key: CacheKey
  readonly id: KeyId
}
