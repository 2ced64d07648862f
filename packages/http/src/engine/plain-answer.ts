/** An answer that no server gave: what a fallback has to say. */
import { invalidArgument, isPlainObject } from '@breakwater/kernel'
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

/** Answers with one of these have no body, as those to HEAD. */
const BARE_STATUSES: ReadonlySet<number> = new Set([204, 205, 304])

export class PlainAnswer implements Head {
  readonly statusCode: number
  readonly statusText: string = ''
  readonly headers: ResponseHeaders
  readonly rawHeaders: undefined = undefined
  private readonly body: Buffer
  private readonly method: string

  /** Throws for what is no answer. */
  constructor(answer: FallbackAnswer, method: string) {
    check('answer', answer, '{ status, headers, body }', typeof answer === 'object' && answer !== null)
    const { status = 200, headers = {}, body = '' } = answer
    check('status', status, '200 to 599', Number.isInteger(status) && status >= 200 && status <= 599)
    // Of a `Headers` or a `Map` nothing would be left.
    check('headers', headers, 'values by name, in a plain object', isPlainObject(headers))
    check('body', body, 'a text or bytes', typeof body === 'string' || body instanceof Uint8Array)
    this.statusCode = status
    this.method = method
    this.body = Buffer.from(body as Uint8Array)
    const length = String(this.body.length)
    const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
    this.headers = { 'content-length': length, ...(Object.fromEntries(named) as ResponseHeaders) }
  }

  /** Tells all of it to who asked; what he throws, he hears. */
  giveTo(downstream: Downstream, control: Control): void {
    const isBare = this.method === 'HEAD' || BARE_STATUSES.has(this.statusCode)
    try {
      downstream.head(control, this)
      if (this.body.length > 0 && !isBare) downstream.data(control, this.body)
      downstream.end(control, NO_TRAILERS)
    } catch (error) {
      downstream.error(control, error as Error)
    }
  }
}

function check(path: string, received: unknown, expected: string, isFine: boolean): void {
  if (!isFine) throw invalidArgument('fallback', { path, received, expected })
}
