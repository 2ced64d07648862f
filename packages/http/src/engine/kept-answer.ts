/** A failing answer that may still be the one to give, and what has come of its body. */
import type { Exchange } from '../wire/exchange.js'
import type { HttpAttempt } from './http-attempt.js'
import type { HttpCall } from './http-call.js'

const MAX_BYTES = 65_536

export class KeptAnswer {
  private readonly exchange: Exchange
  private readonly chunks: Buffer[] = []

  constructor(exchange: Exchange) {
    this.exchange = exchange
  }

  // Up to undici 8.0 a parser that rests as its connection ends throws where nobody catches it: what is short is read at once.
  take(chunk: Buffer): void {
    this.chunks.push(chunk)
    if (this.exchange.bodyBytes > MAX_BYTES) this.exchange.pause()
  }

  /** Throws where it broke off: at once when others were asked beside it, and otherwise after all that came. */
  giveTo(call: HttpCall, attempt: HttpAttempt): void {
    const { exchange, chunks } = this
    const { reason } = exchange
    if (reason !== null && call.isHedged) throw reason
    call.passOn(attempt, exchange)
    for (const chunk of chunks) call.data(chunk)
    if (reason !== null) throw reason
  }
}
