/** An exchange as a handler of undici's newer generation (`onRequestStart` …), which 8 speaks, and 7 through a wrapper of its own. */
import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { ResponseHeaders } from './exchange.js'
import { WireExchange } from './wire-exchange.js'

const NONE: ResponseHeaders = Object.freeze({})

export class ModernExchange extends WireExchange implements Dispatcher.DispatchHandler {
  headers: ResponseHeaders = NONE
  trailers: ResponseHeaders = NONE
  private controller: Dispatcher.DispatchController | null = null

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.controller = controller
    if (!this.takeStart(context)) this.abortTransport(this.reason as Error)
    else if (this.paused) controller.pause()
  }

  onRequestUpgrade(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: ResponseHeaders,
    socket: Duplex,
  ): void {
    this.rawHeaders = controller.rawHeaders ?? null
    this.headers = headers
    this.takeUpgrade(statusCode, socket)
  }

  onResponseStarted(): void {
    if (!this.isOver) this.sink.onResponseStarted?.(this)
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: ResponseHeaders,
    statusText: string = '',
  ): void {
    this.rawHeaders = controller.rawHeaders ?? null
    this.headers = headers
    this.takeHead(statusCode, statusText)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.takeChunk(chunk)
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: ResponseHeaders): void {
    this.rawTrailers = controller.rawTrailers ?? null
    this.trailers = trailers
    this.takeEnd()
  }

  // The controller is null where nothing was connected yet.
  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.takeFailure(error)
  }

  onBodySent(chunk: unknown): void {
    if (!this.isOver) this.sink.onBodySent?.(this, chunk)
  }

  onRequestSent(): void {
    if (!this.isOver) this.sink.onRequestSent?.(this)
  }

  protected override abortTransport(reason: Error): void {
    this.controller?.abort(reason)
  }

  protected override pauseTransport(): void {
    this.controller?.pause()
  }

  protected override resumeTransport(): void {
    this.controller?.resume()
  }
}
