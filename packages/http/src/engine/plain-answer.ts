/** An answer that no server gave: what a fallback has to say. */
import { invalidArgument } from '@breakwater/kernel'
import type { ResponseHeaders } from '../wire/exchange.js'
import { NO_TRAILERS } from './downstream.js'
import type { Control, Downstream, Head } from './downstream.js'

/** What a fallback answers. */
export interface FallbackAnswer {
  /** Default 200. */
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | Uint8Array | undefined
}

export class PlainAnswer implements Head {
  readonly statusCode: number
  readonly statusText: string = ''
  readonly headers: ResponseHeaders
  readonly rawHeaders: undefined = undefined
  private readonly body: Buffer

  /** Throws for what is no answer. */
  constructor(answer: FallbackAnswer) {
    const { status = 200, headers = {}, body = '' } = answer
    if (!Number.isInteger(status) || status < 200 || status > 599)
      throw invalidArgument('fallback', { path: 'status', received: status, expected: '200 to 599' })
    this.statusCode = status
    this.body = Buffer.from(body as Uint8Array)
    const length = String(this.body.length)
    const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    this.headers = { 'content-length': length, ...(Object.fromEntries(named) as ResponseHeaders) }
  }

  /** Tells all of it to who asked; what he throws, he hears. */
  giveTo(downstream: Downstream, control: Control): void {
    try {
      downstream.head(control, this)
      if (this.body.length > 0) downstream.data(control, this.body)
      downstream.end(control, NO_TRAILERS)
    } catch (error) {
      downstream.error(control, error as Error)
    }
  }
}
