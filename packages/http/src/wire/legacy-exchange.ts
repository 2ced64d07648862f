/**
 * An exchange as a handler of undici's older generation (`onConnect` …). Our own pools take it as it is: no wrapper, and headers
 * stay raw until somebody reads them parsed.
 */
import type { Duplex } from 'node:stream'
import { util } from 'undici'
import type { Dispatcher } from 'undici'
import type { ResponseHeaders } from './exchange.js'
import { WireExchange } from './wire-exchange.js'

type Raw = Buffer[] | string[] | null

export class LegacyExchange extends WireExchange implements Dispatcher.DispatchHandler {
  private parsedHeaders: ResponseHeaders | undefined = undefined
  private parsedTrailers: ResponseHeaders | undefined = undefined
  protected abortRequest: ((reason?: Error) => void) | undefined = undefined
  private resumeReading: (() => void) | undefined = undefined

  override get headers(): ResponseHeaders {
    this.parsedHeaders ??= parsed(this.rawHeaders)
    return this.parsedHeaders
  }

  override get trailers(): ResponseHeaders {
    this.parsedTrailers ??= parsed(this.rawTrailers)
    return this.parsedTrailers
  }

  /**
   * Throws when nobody wants the answer any more: then nothing is written and the connection stays. `abort` would destroy it, and
   * where connecting takes longer than callers wait, none would ever come to use.
   */
  onConnect(abort: (reason?: Error) => void, context?: unknown): void {
    if (!this.takeStart(context)) throw this.reason as Error
    this.abortRequest = abort
  }

  onUpgrade(statusCode: number, rawHeaders: Raw, socket: Duplex): void {
    this.takeRawHeaders(rawHeaders)
    this.takeUpgrade(statusCode, socket)
  }

  onResponseStarted(): void {
    if (!this.isOver) this.sink.onResponseStarted?.(this)
  }

  onHeaders(statusCode: number, rawHeaders: Raw, resume: () => void, statusText: string): boolean {
    this.resumeReading = resume
    this.takeRawHeaders(rawHeaders)
    this.takeHead(statusCode, statusText)
    return !this.paused
  }

  onData(chunk: Buffer): boolean {
    this.takeChunk(chunk)
    return !this.paused
  }

  onComplete(rawTrailers: Raw): void {
    this.rawTrailers = rawTrailers
    this.takeEnd()
  }

  onError(error: Error): void {
    this.takeFailure(error)
  }

  onBodySent(chunk: unknown): void {
    if (!this.isOver) this.sink.onBodySent?.(this, chunk)
  }

  onRequestSent(): void {
    if (!this.isOver) this.sink.onRequestSent?.(this)
  }

  protected override abortTransport(reason: Error): void {
    this.abortRequest?.(reason)
  }

  // What the handler returns says whether to read on.
  protected override pauseTransport(): void {}

  protected override resumeTransport(): void {
    this.resumeReading?.()
  }

  private takeRawHeaders(rawHeaders: Raw): void {
    this.rawHeaders = rawHeaders
    this.parsedHeaders = undefined
  }
}

/** The same through a dispatch function that is not ours: what threw there might end in a timer or an event where nobody catches it. */
export class ForeignLegacyExchange extends LegacyExchange {
  override onConnect(abort: (reason?: Error) => void, context?: unknown): void {
    if (this.takeStart(context)) this.abortRequest = abort
    else abort(this.reason as Error)
  }
}

function parsed(raw: Dispatcher.DispatchController['rawHeaders']): ResponseHeaders {
  return Array.isArray(raw) ? util.parseHeaders(raw) : (raw ?? {})
}
