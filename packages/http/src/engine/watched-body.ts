/** Bodies that are read as they are sent. What they break off with is the affair of who gave them. */
import { Stream } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { HttpCall } from './http-call.js'

/**
 * The same body, which tells first what it breaks off with: streams do before undici hears of it, and of the error of their connection after
 * the attempt has ended; of what is iterated nobody would know whose error it was.
 */
export function watched<T>(body: T, tell: (error: Error) => void): T {
  if (body instanceof Stream) body.once('error', tell)
  else if (isIterated(body)) return telling(body, tell) as T
  return body
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

async function* telling(body: AsyncIterable<unknown>, tell: (error: Error) => void): AsyncGenerator {
  try {
    yield* body
  } catch (error) {
    tell(error as Error)
    throw error
  }
}

function isIterated(body: unknown): body is AsyncIterable<unknown> {
  if (typeof body !== 'object' || body === null || ArrayBuffer.isView(body)) return false
  // Undici encodes forms itself.
  if (Object.prototype.toString.call(body) === '[object FormData]') return false
  return Symbol.asyncIterator in body || Symbol.iterator in body
}
