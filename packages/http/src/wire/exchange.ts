/**
 * One attempt of one request on one outlet (an instance's pool, or any dispatcher), whatever generation of undici that
 * speaks. It adds what undici lacks: an abort and deadlines that hold while the request still waits for a socket, an end
 * that comes exactly once, caps on the body, and the answer to "may it have been processed?".
 *
 * The engine opens an exchange, keeps it, and starts it:
 *
 *     const exchange = outlet.open(sink, limits)
 *     exchange.start(dispatchOptions, clock.now(), deadline)
 *
 * The sink then hears `onHead`, any number of `onData` and `onEnd`; or `onFailure` at any point instead. Nothing follows an end.
 */
import type { Duplex } from 'node:stream'
import type { Clock, MonotonicMs } from '@breakwater/kernel'
import type { Dispatcher } from 'undici'
import type { FailureClass } from '../core/failure-class.js'

/**
 * Who ended an exchange that failed: the network or server (`transport`), one of our clocks (`timeout`), `abort()`
 * (`aborted`), a cap of ours on the answer (`limit`), or the outlet before it sent anything (`rejected`: queue full, instance gone).
 */
export type FailureKind = 'transport' | 'timeout' | 'aborted' | 'limit' | 'rejected'

/** Headers as undici parses them: lower-case names. */
export type ResponseHeaders = Record<string, string | string[] | undefined>

/** What an attempt may take; one frozen object shared by all attempts of a service. Absent = no limit. */
export interface ExchangeLimits {
  readonly clock: Clock
  /** Milliseconds from `start` to the final response headers; waiting for a socket and connecting are included. */
  readonly headTimeoutMs?: number | undefined
  /** Milliseconds without a byte of the body, while the receiver is not paused. */
  readonly bodyIdleTimeoutMs?: number | undefined
  /** Milliseconds from the headers to the end of the body, however slow the receiver is. */
  readonly bodyTimeoutMs?: number | undefined
  /** Whether the deadline given to `start` also ends a body that is still coming. Default `true`. */
  readonly deadlineCoversBody?: boolean | undefined
  /** Bytes of the body, as they come over the wire (not inflated). */
  readonly maxBodyBytes?: number | undefined
}

/**
 * Who hears of an exchange. All are called in order and synchronously by the transport, perhaps before `start` returns. A throw in
 * `onHead`, `onData` or `onEnd` makes it fail with that error; `onFailure` must not throw.
 */
export interface ExchangeSink {
  /** The final response headers are here (never 1xx): `exchange.statusCode`, `.headers`, `.rawHeaders`, `.statusText`. */
  onHead(exchange: Exchange): void
  onData(exchange: Exchange, chunk: Buffer): void
  /** The body is complete; `exchange.trailers`, `.rawTrailers`. */
  onEnd(exchange: Exchange): void
  /**
   * It failed, before the headers or (`exchange.hasHead`) after them; `exchange.failureClass` and `.failureKind` say more.
   * The error is the transport's own, the reason given to `abort`, or an error of ours. Requests that fail with one connection
   * get the same error object: count it once for the host.
   */
  onFailure(exchange: Exchange, error: Error): void
  /** The request is about to be written; more than once when the transport repeats it on a new connection. */
  onStart?(exchange: Exchange): void
  /** A 1xx answer that is not an upgrade. */
  onInformation?(exchange: Exchange, statusCode: number, headers: ResponseHeaders, statusText: string): void
  /** 101 or CONNECT: ends the exchange; the socket is the receiver's from here. Absent: the exchange fails. */
  onUpgrade?(exchange: Exchange, statusCode: number, headers: ResponseHeaders, socket: Duplex): void
  /** What undici tells of a chunk written: the chunk, whatever its type declarations say. */
  onBodySent?(exchange: Exchange, chunk: unknown): void
  onRequestSent?(exchange: Exchange): void
  onResponseStarted?(exchange: Exchange): void
}

/** One attempt. It is the controller of its transport too: `pause`, `resume` and `abort` hold at any time, also before it started. */
export interface Exchange {
  /**
   * Sends the request; once. `now` is the clock's present time, `deadline` when all must have ended. After the head timeout
   * the error is a `CallTimeoutError`, after the deadline a `DeadlineExceededError`.
   */
  start(options: Dispatcher.DispatchOptions, now: MonotonicMs, deadline?: MonotonicMs): void
  /**
   * Ends it with `reason` at once: the sink hears `onFailure` before this returns, the socket in use is destroyed, and a request
   * that still waits is never written. After the end it does nothing. Without a reason it is undici's `RequestAbortedError`.
   */
  abort(reason?: Error | null): void
  pause(): void
  resume(): void
  readonly paused: boolean
  readonly aborted: boolean
  /** The error that it ended with; null before and on success. */
  readonly reason: Error | null

  /** What it was started with. */
  readonly options: Dispatcher.DispatchOptions | undefined
  /** Something of the request may have been written. */
  readonly isSent: boolean
  /** The final headers are here. */
  readonly hasHead: boolean
  /** It ended, well or not. */
  readonly isOver: boolean
  /** Of a failed one. */
  readonly failureClass: FailureClass
  /** Of a failed one; undefined on success and before. */
  readonly failureKind: FailureKind | undefined

  /** 0 before the headers. */
  readonly statusCode: number
  readonly statusText: string
  /** Parsed when first read, where the transport gave them raw. */
  readonly headers: ResponseHeaders
  readonly trailers: ResponseHeaders
  /** As the transport gave them: for HTTP/1.1 names and values in turn, as Buffers. Null before. */
  readonly rawHeaders: Dispatcher.DispatchController['rawHeaders']
  readonly rawTrailers: Dispatcher.DispatchController['rawTrailers']
  /** Bytes of the body received. */
  readonly bodyBytes: number
  /** undici's context of the request (`onRequestStart`), for handlers that pass it on. */
  readonly context: unknown
}

/** Where attempts go out. `InstancePool` (pools.ts) is one; `dispatchOutlet(dispatch)` makes one of any dispatch function. */
export interface Outlet {
  /** An exchange for one attempt, not started. */
  open(sink: ExchangeSink, limits: ExchangeLimits): Exchange
}
