/**
 * Bodies given to `fetch` come to the dispatcher as streams, which can be read once. Those that were there as a whole are handed
 * to the engine as they were, so that another attempt can send them again.
 */
import { FormData as UndiciFormData, Response as UndiciResponse } from 'undici'
import type { Dispatcher, RequestInit } from 'undici'
import { isUnread, Upload } from './fetch-upload.js'

/** A body that is sent otherwise than as `fetch` would send it. */
export interface Sendable {
  /** All of it. */
  readonly bytes?: string | Uint8Array
  readonly upload?: Upload
  /** What `fetch` is to be given in its place, where it would encode it in its own way. */
  readonly init?: RequestInit | undefined
}

/** Of the platform, or of undici: neither takes the other's for a form. */
type AnyForm = FormData | UndiciFormData
type Pairs = [name: string, value: string][]
type WithPairs = RequestInit & { readonly headers: Pairs }

const PARAMETERS = 'application/x-www-form-urlencoded;charset=UTF-8'

/** The body of a request: as bytes if it can be sent again as it is, for which forms and blobs are encoded, once. */
export async function sendable(init: RequestInit, maxBytes: number): Promise<Sendable | undefined> {
  try {
    return await readFrom(init, maxBytes)
  } catch (cause) {
    // A blob may be a file that has changed since.
    throw new TypeError('fetch failed', { cause })
  }
}

async function readFrom(init: RequestInit, maxBytes: number): Promise<Sendable | undefined> {
  const { body } = init
  if (typeof body === 'string') return body.length > maxBytes ? undefined : { bytes: body }
  if (body instanceof URLSearchParams) return { bytes: body.toString() }
  if (body instanceof ArrayBuffer || (ArrayBuffer.isView(body) && body.buffer instanceof ArrayBuffer))
    return ofBytes(body, maxBytes)
  // Of a blob `fetch` sends what it holds, under its type.
  if (body instanceof Blob)
    return body.size <= maxBytes ? { bytes: new Uint8Array(await body.arrayBuffer()) } : undefined
  if (isUnread(body)) return uploading(init, body)
  if (!(body instanceof FormData || body instanceof UndiciFormData)) return undefined
  const headers = sizeOf(body) > maxBytes ? undefined : pairsOf(init.headers)
  // Too much to be kept, or headers that `fetch` is to refuse.
  return headers === undefined
    ? { init: { ...init, body: undiciForm(body) } }
    : encoded({ ...init, headers }, body)
}

/** The options with the body itself in place of the stream that `fetch` made of it. */
export function withBody(
  options: Dispatcher.DispatchOptions,
  given: Sendable | undefined,
): Dispatcher.DispatchOptions {
  // A redirect may have taken the body away.
  const body = options.body ? (given?.bytes ?? given?.upload?.begin()) : undefined
  return body === undefined ? options : { ...options, body }
}

function uploading(init: RequestInit, body: ReadableStream<unknown>): Sendable {
  const upload = new Upload(body)
  return { upload, init: { ...init, body: upload.standIn } }
}

function ofBytes(body: ArrayBuffer | NodeJS.ArrayBufferView, maxBytes: number): Sendable | undefined {
  const { byteLength } = body
  if (byteLength > maxBytes) return undefined
  // Of a buffer that was given away no view can be made; to `fetch` it is an empty one.
  if (byteLength === 0) return { bytes: '' }
  const bytes = ArrayBuffer.isView(body)
    ? new Uint8Array(body.buffer, body.byteOffset, byteLength)
    : new Uint8Array(body)
  // A copy: what the caller writes into his buffer later is not what was meant.
  return { bytes: bytes.slice() }
}

function sizeOf(form: AnyForm): number {
  let size = 0
  for (const [, value] of form) size += typeof value === 'string' ? value.length : value.size
  return size
}

/** The form as undici has it, to which that of the platform is some object that would be sent as `[object FormData]`. */
export function undiciForm(form: AnyForm): UndiciFormData {
  if (form instanceof UndiciFormData) return form
  const same = new UndiciFormData()
  for (const [name, value] of form) {
    if (typeof value === 'string') same.append(name, value)
    else same.append(name, value, value.name)
  }
  return same
}

/** What `fetch` takes for a form, and undici does not, as it does; any other body as it is. */
export function sendableForm(body: unknown): unknown {
  if (body instanceof FormData) return undiciForm(body)
  // Of a blob undici tells the type.
  return body instanceof URLSearchParams ? new Blob([body.toString()], { type: PARAMETERS }) : body
}

async function encoded(init: WithPairs, form: AnyForm): Promise<Sendable> {
  const { headers } = init
  const response = new UndiciResponse(undiciForm(form))
  const bytes = new Uint8Array(await response.arrayBuffer())
  const type = response.headers.get('content-type')
  if (type !== null && !new Headers(headers).has('content-type')) headers.push(['content-type', type])
  return { bytes, init: { ...init, body: bytes, headers } }
}

// Names keep their case: there are servers that care.
function pairsOf(headers: RequestInit['headers'] = []): Pairs | undefined {
  if (typeof headers !== 'object') return undefined
  try {
    const pairs = (Symbol.iterator in headers ? [...headers] : Object.entries(headers)) as Pairs
    void new Headers(pairs)
    return pairs
  } catch {
    return undefined
  }
}
