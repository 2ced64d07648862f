/** The seam between an exchange and what carries it. */
import type { Dispatcher } from 'undici'
import type { WireExchange } from './wire-exchange.js'

/** Who carries exchanges: told when one is to go out, when it gives up, and when the transport is done with it. */
export interface Route {
  /** Where it leads, for messages; undefined where the request itself says it. */
  readonly origin: string | undefined
  /** While a connection breaks, what broke it: an answer whose end is that of its connection is cut short then. */
  readonly breaking: Error | undefined
  /** Passes the exchange to the transport, now or when there is room, or lets it fail. */
  send(exchange: WireExchange, options: Dispatcher.DispatchOptions): void
  /** It ended; perhaps the transport still has it. */
  gaveUp(exchange: WireExchange): void
  /** The transport is done with it; comes once for each exchange that it was given. */
  freed(exchange: WireExchange): void
}
