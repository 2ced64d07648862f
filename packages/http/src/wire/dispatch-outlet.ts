/** Sends exchanges through a dispatch function that is not ours: another dispatcher, or what `compose` hands to an interceptor. */
import type { Dispatcher } from 'undici'
import type { Exchange, ExchangeLimits, ExchangeSink, Outlet } from './exchange.js'
import { ForeignLegacyExchange } from './legacy-exchange.js'
import { ModernExchange } from './modern-exchange.js'
import type { Route } from './route.js'
import type { WireExchange } from './wire-exchange.js'

type Handler = typeof ModernExchange | typeof ForeignLegacyExchange

class DispatchOutlet implements Outlet, Route {
  readonly origin: undefined = undefined
  readonly breaking: undefined = undefined
  private readonly dispatch: Dispatcher.Dispatch
  private readonly Handler: Handler

  constructor(dispatch: Dispatcher.Dispatch, Handler: Handler) {
    this.dispatch = dispatch
    this.Handler = Handler
  }

  open(sink: ExchangeSink, limits: ExchangeLimits): Exchange {
    return new this.Handler(this, sink, limits)
  }

  send(exchange: WireExchange, options: Dispatcher.DispatchOptions): void {
    exchange.isCarried = true
    try {
      this.dispatch(options, exchange as unknown as Dispatcher.DispatchHandler)
    } catch (error) {
      exchange.takeFailure(error as Error)
    }
  }

  gaveUp(): void {}

  freed(): void {}
}

/** An outlet over `dispatch`, of undici 7 or 8. Nothing is queued here: how many requests may run is that dispatcher's affair. */
export function dispatchOutlet(dispatch: Dispatcher.Dispatch): Outlet {
  return new DispatchOutlet(dispatch, ModernExchange)
}

/** The same over one of undici 7, which takes handlers of the older generation as they are: no header is parsed and written anew. */
export function legacyOutlet(dispatch: Dispatcher.Dispatch): Outlet {
  return new DispatchOutlet(dispatch, ForeignLegacyExchange)
}
