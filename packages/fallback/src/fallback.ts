/**
 * What to answer when the call cannot be answered: a chain of handlers, with a limit of its own, so that a fallback
 * that is slow itself cannot take everything either.
 */
import {
  adopt,
  BulkheadFullError,
  Emitter,
  FallbackFailedError,
  PolicyBase,
  reportInternalError,
} from '@breakwater/kernel'
import type { Call, FallbackCause, FallbackPart, Stage } from '@breakwater/kernel'
import { resolveFallbackOptions } from './fallback-options.js'
import type { FallbackHandler, FallbackOptions, ResolvedFallback } from './fallback-options.js'

/** What a fallback tells its listeners. */
export interface FallbackEvents {
  /** A handler answered; `handler` is its place in the chain, 0 = the first. */
  answered: { readonly cause: FallbackCause; readonly handler: number }
  /** No handler could answer, or too many fallbacks ran. */
  failed: { readonly cause: FallbackCause; readonly error: FallbackFailedError }
}

/** What a handler of the chain may answer. */
export type FallbackAnswer<C extends readonly FallbackHandler[]> = Awaited<ReturnType<C[number]>>

interface Asked {
  readonly cause: FallbackCause
  readonly call: Call
  /** The arguments of the wrapped function, where there is one. */
  readonly input: unknown
}

class Chain implements FallbackPart {
  running = 0
  events: Emitter<FallbackEvents> | null = null

  // Not frozen as the options are: the engine reads elements of frozen arrays slowly.
  private readonly handlers: readonly FallbackHandler[]
  limit: number

  constructor(readonly options: ResolvedFallback) {
    this.handlers = [...options.chain]
    this.limit = options.limit
  }

  applies(cause: FallbackCause): boolean {
    const { when } = this.options
    if (cause.kind === 'cancelled') return false
    return when === undefined ? cause.kind !== 'ignored' : this.isWanted(when, cause)
  }

  answer(cause: FallbackCause, call: Call, input?: unknown): unknown {
    if (this.running >= this.limit) throw this.tooMany(cause)
    this.running++
    return this.ask(0, cause, call, input)
  }

  private isWanted(when: (cause: FallbackCause) => boolean, cause: FallbackCause): boolean {
    try {
      return when(cause) === true
    } catch (error) {
      reportInternalError(error, 'when')
      return false
    }
  }

  private tooMany(cause: FallbackCause): FallbackFailedError {
    const message = `${String(this.limit)} fallbacks are running already`
    return this.failure(cause, new BulkheadFullError(message, { reason: 'concurrency' }))
  }

  private ask(index: number, cause: FallbackCause, call: Call, input: unknown): unknown {
    const handler = this.handlers[index] as FallbackHandler
    let answer: unknown
    let promise: Promise<unknown> | undefined
    try {
      answer = Array.isArray(input) ? handler(cause, call, ...(input as never[])) : handler(cause, call)
      promise = adopt(answer)
    } catch (error) {
      return this.next({ cause, call, input }, index, error)
    }
    if (promise === undefined) return this.answered(index, answer, cause)
    return this.follow({ cause, call, input }, index, promise)
  }

  // Apart, because a function that may make closures pays for their scope at every call.
  private follow(asked: Asked, index: number, promise: Promise<unknown>): Promise<unknown> {
    return promise.then(
      (value) => this.answered(index, value, asked.cause),
      (error: unknown) => this.next(asked, index, error),
    )
  }

  private next(asked: Asked, index: number, error: unknown): unknown {
    const { cause, call, input } = asked
    const isLast = index + 1 === this.handlers.length
    if (!isLast && !call.signal.aborted) return this.ask(index + 1, cause, call, input)
    this.running--
    throw this.failure(cause, error)
  }

  private answered(handler: number, value: unknown, cause: FallbackCause): unknown {
    this.running--
    if (this.events !== null) this.events.emit('answered', { cause, handler })
    return value
  }

  private failure(cause: FallbackCause, fallbackError: unknown): FallbackFailedError {
    const error = new FallbackFailedError('the call failed, and so did its fallback', {
      cause: cause.error,
      fallbackError,
    })
    this.events?.emit('failed', { cause, error })
    return error
  }
}

/**
 * A fallback. When the call inside ends with a failure, a timeout or a rejection, the handlers are asked in order with
 * the cause; the first answer is the answer of the call. When none answers, the call rejects with
 * `FallbackFailedError`: its `cause` is why the call failed, its `fallbackError` why the last handler did. The caller's
 * own abort is never answered by a fallback.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { Fallback } from '@breakwater/fallback'
 *
 * const fallback = new Fallback({ chain: [({ kind }) => `no answer: ${kind}`] })
 * const answer = await fallback.execute(() => Promise.reject(new Error('down')))
 * console.log(answer) // no answer: failure
 * ```
 */
export class Fallback<
  const C extends readonly FallbackHandler[] = readonly FallbackHandler[],
> extends PolicyBase<FallbackAnswer<C>> {
  /** @internal */
  override readonly stage: Stage
  private readonly chain: Chain

  constructor(options: FallbackOptions<C>) {
    super()
    this.chain = new Chain(resolveFallbackOptions(options))
    const { chain } = this
    const { name } = chain.options
    const handlers = chain.options.chain.length
    this.stage = {
      slot: 'fallback',
      part: chain,
      describe: () => ({ kind: 'fallback', name, options: Object.freeze({ limit: chain.limit, handlers }) }),
    }
  }

  /** Fallbacks running now. */
  get running(): number {
    return this.chain.running
  }

  /** @internal Lets so many run at once from now on, those that run already among them. */
  limitTo(limit: number): void {
    this.chain.limit = limit
  }

  /** Subscribes; returns the function that unsubscribes. */
  on<E extends keyof FallbackEvents>(event: E, listener: (payload: FallbackEvents[E]) => void): () => void {
    this.chain.events ??= new Emitter('Fallback')
    return this.chain.events.on(event, listener)
  }
}
