/**
 * Bodies given to `fetch` come to the dispatcher as streams, which can be read once. Those that were there as a whole are handed
 * to the engine as they were, so that another attempt can send them again.
 */
import type { Dispatcher, RequestInit } from 'undici'

/** A body as bytes, and what it says about itself. */
interface Whole {
  readonly bytes: string | Uint8Array
  /** What `fetch` is to be given in its place, where it would encode it in its own way. */
  readonly init?: RequestInit | undefined
}

/** The body of a request, if it can be sent again as it is; forms and blobs are encoded, once. */
export async function wholeBody(init: RequestInit, maxBytes: number): Promise<Whole | undefined> {
  const { body } = init
  if (typeof body === 'string') return body.length > maxBytes ? undefined : { bytes: body }
  if (body instanceof URLSearchParams) return { bytes: body.toString() }
  if (body instanceof ArrayBuffer) return ofBytes(new Uint8Array(body), maxBytes)
  if (ArrayBuffer.isView(body))
    return ofBytes(new Uint8Array(body.buffer, body.byteOffset, body.byteLength), maxBytes)
  return isEncodable(body, maxBytes) ? encoded(init, body) : undefined
}

/** The options with the whole body in place of the stream that `fetch` made of it. */
export function withBody(
  options: Dispatcher.DispatchOptions,
  bytes: string | Uint8Array | undefined,
): Dispatcher.DispatchOptions {
  // A redirect may have taken the body away.
  return bytes === undefined || !options.body ? options : { ...options, body: bytes }
}

function ofBytes(bytes: Uint8Array, maxBytes: number): Whole | undefined {
  // A copy: what the caller writes into his buffer later is not what was meant.
  return bytes.byteLength > maxBytes ? undefined : { bytes: bytes.slice() }
}

function isEncodable(body: unknown, maxBytes: number): body is Blob | FormData {
  if (body instanceof Blob) return body.size <= maxBytes
  if (!(body instanceof FormData)) return false
  let size = 0
  for (const [, value] of body) size += typeof value === 'string' ? value.length : value.size
  return size <= maxBytes
}

async function encoded(init: RequestInit, body: Blob | FormData): Promise<Whole> {
  const response = new Response(body)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const headers = new Headers(init.headers)
  const type = response.headers.get('content-type')
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type)
  return { bytes, init: { ...init, body: bytes, headers: [...headers] } }
}
