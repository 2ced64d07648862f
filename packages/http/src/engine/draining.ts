/** What is still to come of an answer that nobody wants: a little of it is read, for a short while, to keep its connection. */
import { leave, timelineOf } from '@breakwater/kernel'
import type { Clock, Waiting } from '@breakwater/kernel'
import { isRedirect } from '../core/verdict.js'
import type { Exchange } from '../wire/exchange.js'
import type { HttpCall } from './http-call.js'

const MAX_BYTES = 65_536
const MAX_MS = 250

/** Whether nobody is going to read the body of this answer. */
export function isUnread({ leavesRedirects }: HttpCall, exchange: Exchange): boolean {
  // Headers are parsed when they are read.
  return leavesRedirects && isRedirect(exchange.statusCode) && exchange.headers['location'] !== undefined
}

export function drain(exchange: Exchange | null, call: HttpCall): Draining | null {
  if (exchange === null || exchange.isOver) return null
  return new Draining(exchange, call.lostError, call.service.clock)
}

export class Draining implements Waiting {
  prev: Waiting | null = null
  next: Waiting | null = null
  at: number | undefined = undefined
  private bytes = 0
  private readonly exchange: Exchange
  private readonly reason: Error

  /** `reason`: what it is cut off with. */
  constructor(exchange: Exchange, reason: Error, clock: Clock) {
    this.exchange = exchange
    this.reason = reason
    timelineOf(clock).line(MAX_MS).join(this, clock.now())
    // Undici parses one answer at a time: this may happen within another.
    queueMicrotask(() => {
      exchange.resume()
    })
  }

  take(chunk: Buffer): void {
    if ((this.bytes += chunk.length) > MAX_BYTES) this.expire()
  }

  expire(): void {
    this.exchange.abort(this.reason)
  }

  /** It is over. */
  end(): void {
    leave(this)
  }
}
