/** What of an answer an interceptor of undici may replace at the controller of its request: the raw headers and trailers. */
import { CallerSignal } from '@breakwater/kernel'
import type { Exchange } from '../wire/exchange.js'
import type { Control } from './downstream.js'
import type { HttpAttempt } from './http-attempt.js'

export abstract class AnswerControl extends CallerSignal {
  /** Whose answer it is. */
  protected abstract winner: HttpAttempt | null
  private informing: Exchange | null = null

  get rawHeaders(): Control['rawHeaders'] {
    return (this.informing ?? this.winner?.exchange)?.rawHeaders
  }

  set rawHeaders(raw: Control['rawHeaders']) {
    replace(this, 'rawHeaders', raw)
  }

  /** Tells of an answer that is not the final one, while its headers are those to be seen. */
  protected during(exchange: Exchange, tell: () => void): void {
    this.informing = exchange
    try {
      tell()
    } finally {
      this.informing = null
    }
  }

  get rawTrailers(): Control['rawTrailers'] {
    return this.winner?.exchange?.rawTrailers
  }

  set rawTrailers(raw: Control['rawTrailers']) {
    replace(this, 'rawTrailers', raw)
  }
}

// Too rare for a field in each call.
function replace(control: AnswerControl, name: string, value: unknown): void {
  Object.defineProperty(control, name, { value, writable: true, configurable: true, enumerable: true })
}
