/** Sends exchanges through a dispatch function that is not ours: another dispatcher, or what `compose` hands to an interceptor. */
import type { Dispatcher } from 'undici'
import type { Exchange, ExchangeLimits, ExchangeSink, Outlet } from './exchange.js'
import { ModernExchange } from './modern-exchange.js'
import type { Route } from './route.js'
import type { WireExchange } from './wire-exchange.js'

class DispatchOutlet implements Outlet, Route {
  readonly origin: undefined = undefined
  readonly breaking: undefined = undefined
  private readonly dispatch: Dispatcher.Dispatch

  constructor(dispatch: Dispatcher.Dispatch) {
    this.dispatch = dispatch
  }

  open(sink: ExchangeSink, limits: ExchangeLimits): Exchange {
    return new ModernExchange(this, sink, limits)
  }

  send(exchange: WireExchange, options: Dispatcher.DispatchOptions): void {
    exchange.isCarried = true
    const handler = exchange as ModernExchange
    try {
      this.dispatch(options, handler)
    } catch (error) {
      handler.onResponseError(null, error as Error)
    }
  }

  gaveUp(): void {}

  freed(): void {}
}

/** An outlet over `dispatch`, of undici 7 or 8. Nothing is queued here: how many requests may run is that dispatcher's affair. */
export function dispatchOutlet(dispatch: Dispatcher.Dispatch): Outlet {
  return new DispatchOutlet(dispatch)
}
