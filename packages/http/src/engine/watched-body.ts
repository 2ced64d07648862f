/** Bodies that are read as they are sent. What they break off with is the affair of who gave them. */
import { IncomingMessage } from 'node:http'
import { Stream } from 'node:stream'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Exchange } from '../wire/exchange.js'
import type { HttpCall } from './http-call.js'

/**
 * The same body, which tells first what it breaks off with: streams do before undici hears of it, and of the error of their connection after
 * the attempt has ended; of what is iterated nobody would know whose error it was.
 */
export function watched<T>(body: T, tell: (error: Error) => void): T {
  if (body instanceof Stream) body.once('error', tell)
  else if (isIterated(body)) return new Telling(body, tell) as T
  return body
}

/** Lets go of a body that nobody is going to read: what it has open would stay so, a file for one. */
export function giveUp(body: unknown): void {
  if (body instanceof Telling) giveUp(body.body)
  else if (body instanceof ReadableStream) {
    // What the caller's own `cancel` fails with is nobody's business here.
    if (!body.locked) body.cancel().catch(() => undefined)
  } else if (body instanceof Stream && !isAsked(body)) (body as Partial<Readable>).destroy?.()
}

// A request to a server of ours, whose connection is to carry the answer to it. With that Node lets go of it.
function isAsked(body: Stream): boolean {
  return body instanceof IncomingMessage && Boolean(body.method)
}

/** Lets go of what was made for an attempt that ended before it was sent. What the caller gave himself undici's `request` lets go of. */
export function giveUpUnsent({ terms }: HttpCall, { failureClass, options }: Exchange): void {
  if (terms.body !== undefined && failureClass === 'never-sent') giveUp(options?.body)
}

/** The same options, with their body watched by the call. */
export function withWatchedBody(
  options: Dispatcher.DispatchOptions,
  call: HttpCall,
): Dispatcher.DispatchOptions {
  const { body } = options
  const own = call.watch(body)
  return own === body ? options : { ...options, body: own as NonNullable<typeof body> }
}

class Telling implements AsyncIterable<unknown> {
  readonly body: AsyncIterable<unknown>
  private readonly tell: (error: Error) => void

  constructor(body: AsyncIterable<unknown>, tell: (error: Error) => void) {
    this.body = body
    this.tell = tell
  }

  async *[Symbol.asyncIterator](): AsyncGenerator {
    try {
      yield* this.body
    } catch (error) {
      this.tell(error as Error)
      throw error
    }
  }
}

function isIterated(body: unknown): body is AsyncIterable<unknown> {
  if (typeof body !== 'object' || body === null || ArrayBuffer.isView(body)) return false
  // Undici encodes forms itself.
  if (Object.prototype.toString.call(body) === '[object FormData]') return false
  return Symbol.asyncIterator in body || Symbol.iterator in body
}
