/** The engine as a dispatcher of undici: what `fetch` and `request` send their requests through. */
import { isError } from '@breakwater/kernel'
import { Dispatcher } from 'undici'
import type { Dispatching } from './engine/dispatching.js'
import type { Engine } from './engine/engine.js'
import { withBody } from './fetch-body.js'
import type { Sendable } from './fetch-body.js'
import type { Pools } from './wire/pools.js'

export class BreakwaterDispatcher extends Dispatcher {
  private readonly engine: Engine
  private readonly pools: Pools
  private readonly dispatching: Dispatching
  private readonly body: Sendable | undefined

  /** `body`: what the stream is, that comes with the request. */
  constructor(engine: Engine, pools: Pools, dispatching: Dispatching, body?: Sendable) {
    super()
    this.engine = engine
    this.pools = pools
    this.dispatching = dispatching
    this.body = body
  }

  /** The same for one request with this body. */
  sending(body: Sendable): BreakwaterDispatcher {
    return new BreakwaterDispatcher(this.engine, this.pools, this.dispatching, body)
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { engine, dispatching } = this
    const whole = withBody(options, this.body)
    if (dispatching.isFetch !== true) return engine.dispatch(whole, handler, dispatching)
    // What is called on the way (a listener, or what makes a body) may abort.
    queueMicrotask(() => engine.dispatch(whole, handler, dispatching))
    return true
  }

  override close(): Promise<void>
  override close(callback: () => void): void
  override close(callback?: () => void): Promise<void> | undefined {
    return ending(this.pools.close(), callback)
  }

  override destroy(error?: Error | null): Promise<void>
  override destroy(callback: () => void): void
  override destroy(error: Error | null, callback: () => void): void
  override destroy(first?: Error | null | (() => void), second?: () => void): Promise<void> | undefined {
    const error = isError(first) ? first : undefined
    return ending(this.pools.destroy(error), typeof first === 'function' ? first : second)
  }
}

function ending(end: Promise<void>, callback: (() => void) | undefined): Promise<void> | undefined {
  if (callback === undefined) return end
  void end.then(callback)
  return undefined
}
