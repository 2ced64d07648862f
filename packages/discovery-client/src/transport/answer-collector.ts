/**
 * Hears one answer from undici and keeps no more of it than allowed. It can give up at any moment, also while the
 * request still waits for its connection, which undici by itself cannot: its promise ends at once then, and the request
 * ends as soon as it would begin.
 */
import type { Buffer } from 'node:buffer'
import type { Dispatcher } from 'undici'
import { AnswerBody } from './answer-body.js'
import { tooLarge } from './inflate.js'

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  /** As sent: perhaps packed. */
  readonly body: AnswerBody
}

/** Of an answer that is no success the status says all: a body that is damaged, packed oddly or too long takes nothing from it. */
export function isBodyOfUse(status: number): boolean {
  return status < 300
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

export class AnswerCollector implements Dispatcher.DispatchHandler {
  readonly answer: Promise<RawAnswer>
  /** Whether the server has begun to answer. */
  hasBegun = false
  private readonly maxBytes: number
  private controller: Dispatcher.DispatchController | undefined
  private readonly ending = new AbortController()
  private status = 0
  private headers: Readonly<Record<string, string | undefined>> = {}
  private chunks: Buffer[] = []
  private bytes = 0
  private resolve!: (answer: RawAnswer) => void
  private reject!: (error: Error) => void

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
    this.answer = new Promise((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
  }

  /** Aborts when the answer is given up, with the reason, also when it is there and being unpacked. */
  get signal(): AbortSignal {
    return this.ending.signal
  }

  /** Ends the promise with `reason` and the request as soon as undici lets it. */
  giveUp(reason: Error): void {
    if (this.signal.aborted) return
    this.ending.abort(reason)
    this.chunks = []
    this.reject(reason)
    this.controller?.abort(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.signal.aborted) controller.abort(this.signal.reason as Error)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.hasBegun = true
    this.status = status
    this.headers = singleValues(headers)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.signal.aborted) return
    this.bytes += chunk.length
    if (this.bytes <= this.maxBytes) this.chunks.push(chunk)
    else {
      if (!isBodyOfUse(this.status)) this.onResponseEnd()
      this.giveUp(tooLarge(this.maxBytes, 'as sent'))
    }
  }

  onResponseEnd(): void {
    const { status, headers } = this
    this.resolve({ status, headers, body: new AnswerBody(this.chunks) })
    this.chunks = []
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.hasBegun && !isBodyOfUse(this.status)) this.onResponseEnd()
    this.chunks = []
    this.reject(error)
  }
}

/** Of a header sent more than once, the first counts: none of those read here may be. */
function singleValues(headers: Headers): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = Object.create(null) as Record<string, string | undefined>
  for (const [name, value] of Object.entries(headers)) values[name] = Array.isArray(value) ? value[0] : value
  return values
}
