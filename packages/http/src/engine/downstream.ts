/**
 * Whoever wants the answer: a handler of undici, of either generation. What it hears is one request on one connection, whatever
 * happened before the answer that it gets.
 */
import type { Duplex } from 'node:stream'
import { errors } from 'undici'
import type { Dispatcher } from 'undici'
import type { ResponseHeaders } from '../wire/exchange.js'

/** The head of an answer, wherever it comes from. */
export interface Head {
  readonly statusCode: number
  readonly statusText: string
  readonly headers: ResponseHeaders
  readonly rawHeaders: Dispatcher.DispatchController['rawHeaders']
}

/** The end of one. */
export interface Tail {
  readonly trailers: ResponseHeaders
  readonly rawTrailers: Dispatcher.DispatchController['rawTrailers']
}

export const NO_TRAILERS: Tail = { trailers: {}, rawTrailers: undefined }

/** What a handler may do to the request; the same object for all attempts. */
export interface Control {
  readonly aborted: boolean
  readonly paused: boolean
  readonly reason: Error | null
  readonly rawHeaders: Dispatcher.DispatchController['rawHeaders']
  readonly rawTrailers: Dispatcher.DispatchController['rawTrailers']
  abort(reason?: Error): void
  pause(): void
  resume(): void
}

export interface Downstream {
  start(control: Control): void
  head(control: Control, head: Head): void
  data(control: Control, chunk: Buffer): void
  end(control: Control, tail: Tail): void
  error(control: Control, error: Error): void
  information(control: Control, statusCode: number, headers: ResponseHeaders): void
  upgrade(control: Control, head: Head, socket: Duplex): void
  bodySent(chunk: unknown): void
  requestSent(): void
  responseStarted(): void
}

type ModernName =
  | 'onRequestStart'
  | 'onRequestUpgrade'
  | 'onResponseStart'
  | 'onResponseData'
  | 'onResponseEnd'
  | 'onResponseError'

/** Handlers have more callbacks than the types of either generation tell of. */
type AnyHandler = Omit<Dispatcher.DispatchHandler, ModernName | 'onBodySent' | 'onConnect'> & {
  onRequestStart?(control: Control, context: unknown): void
  onRequestUpgrade?(control: Control, statusCode: number, headers: ResponseHeaders, socket: Duplex): void
  onResponseStart?(control: Control, statusCode: number, headers: ResponseHeaders, statusText: string): void
  onResponseData?(control: Control, chunk: Buffer): void
  onResponseEnd?(control: Control, trailers: ResponseHeaders): void
  onResponseError?(control: Control, error: Error): void
  onBodySent?(chunk: unknown): void
  onRequestSent?(): void
  onConnect?(abort: (reason?: Error) => void, context: unknown): void
}

/** The handler of a request, whatever its generation. Throws, as undici does, for what is none. */
export function downstreamOf(handler: Dispatcher.DispatchHandler): Downstream {
  // What undici 7 puts around a handler in a composed dispatcher speaks both, and passes on what is raw as it is.
  const isBilingual = typeof handler.onHeaders === 'function' && typeof handler.onConnect === 'function'
  if (typeof handler.onRequestStart === 'function' && !isBilingual) return new Modern(handler)
  // Copied objects lose the methods of their class, and nobody could be told anything.
  if (typeof handler.onConnect !== 'function')
    throw new errors.InvalidArgumentError('invalid onRequestStart method')
  return new Legacy(handler)
}

/** Whether a composed dispatcher of undici 7 has handed it over: with this class it wraps every handler of the older generation. */
export function isOfUndici7(handler: Dispatcher.DispatchHandler): boolean {
  const { constructor } = handler as { readonly constructor?: { readonly name: unknown } }
  return constructor?.name === 'WrapHandler'
}

class Modern implements Downstream {
  private readonly handler: AnyHandler

  constructor(handler: Dispatcher.DispatchHandler) {
    this.handler = handler as unknown as AnyHandler
  }

  start(control: Control): void {
    this.handler.onRequestStart?.(control, {})
  }

  head(control: Control, { statusCode, headers, statusText }: Head): void {
    this.handler.onResponseStart?.(control, statusCode, headers, statusText)
  }

  data(control: Control, chunk: Buffer): void {
    this.handler.onResponseData?.(control, chunk)
  }

  end(control: Control, { trailers }: Tail): void {
    this.handler.onResponseEnd?.(control, trailers)
  }

  error(control: Control, error: Error): void {
    this.handler.onResponseError?.(control, error)
  }

  information(control: Control, statusCode: number, headers: ResponseHeaders): void {
    this.handler.onResponseStart?.(control, statusCode, headers, '')
  }

  upgrade(control: Control, { statusCode, headers }: Head, socket: Duplex): void {
    this.handler.onRequestUpgrade?.(control, statusCode, headers, socket)
  }

  bodySent(chunk: unknown): void {
    this.handler.onBodySent?.(chunk)
  }

  requestSent(): void {
    this.handler.onRequestSent?.()
  }

  responseStarted(): void {
    this.handler.onResponseStarted?.()
  }
}

class Legacy implements Downstream {
  private readonly handler: AnyHandler
  /** None once the request is over. The functions that a handler is given are kept for longer by undici's `fetch`, and would keep all of it. */
  private control: Control | undefined = undefined

  constructor(handler: Dispatcher.DispatchHandler) {
    this.handler = handler as unknown as AnyHandler
  }

  start(control: Control): void {
    this.control = control
    this.handler.onConnect?.((reason) => this.control?.abort(reason), null)
  }

  head(control: Control, head: Head): void {
    const { statusCode, statusText } = head
    const goesOn = this.handler.onHeaders?.(statusCode, rawOf(head), () => this.control?.resume(), statusText)
    if (goesOn === false) control.pause()
  }

  data(control: Control, chunk: Buffer): void {
    if (this.handler.onData?.(chunk) === false) control.pause()
  }

  end(_control: Control, tail: Tail): void {
    this.control = undefined
    // Its type tells of strings; undici itself gives buffers. Parsed trailers are made when they are read, so they are not.
    this.handler.onComplete?.((tail.rawTrailers ?? rawFrom(tail.trailers)) as unknown as string[])
  }

  error(_control: Control, error: Error): void {
    this.control = undefined
    this.handler.onError?.(error)
  }

  information({ rawHeaders }: Control, statusCode: number, headers: ResponseHeaders): void {
    const raw = rawOf({ rawHeaders, headers })
    this.handler.onHeaders?.(statusCode, raw, () => this.control?.resume(), '')
  }

  upgrade(_control: Control, head: Head, socket: Duplex): void {
    this.control = undefined
    this.handler.onUpgrade?.(head.statusCode, rawOf(head), socket)
  }

  bodySent(chunk: unknown): void {
    this.handler.onBodySent?.(chunk)
  }

  requestSent(): void {
    this.handler.onRequestSent?.()
  }

  responseStarted(): void {
    this.handler.onResponseStarted?.()
  }
}

// Parsed headers are made when they are read, so they are not read without need.
function rawOf(head: Pick<Head, 'rawHeaders' | 'headers'>): Buffer[] {
  const { rawHeaders } = head
  return Array.isArray(rawHeaders) ? (rawHeaders as Buffer[]) : rawFrom(head.headers)
}

/** Names and values in turn, as they come over the wire. */
function rawFrom(headers: ResponseHeaders): Buffer[] {
  const raw: Buffer[] = []
  for (const [name, value] of Object.entries(headers)) {
    const values = Array.isArray(value) ? value : value === undefined ? [] : [value]
    for (const one of values) raw.push(Buffer.from(name, 'latin1'), Buffer.from(one, 'latin1'))
  }
  return raw
}
