/** Which bodies can be sent more than once. */
import type { Dispatcher } from 'undici'

type Body = Dispatcher.DispatchOptions['body'] | Iterable<unknown> | AsyncIterable<unknown>

/** Whether a body of at most `maxBytes` is there as a whole: nothing, text, bytes, or a form, which undici encodes anew each time. */
export function isReplayable(body: Body, maxBytes: number): boolean {
  if (body === null || body === undefined || body === '') return true
  // No text has fewer bytes than units, whose number is there without counting.
  if (typeof body === 'string') return body.length <= maxBytes && Buffer.byteLength(body) <= maxBytes
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) return body.byteLength <= maxBytes
  const size = sizeOf(body)
  return size !== undefined && size <= maxBytes
}

// Of blobs and forms; undefined for what has to be read to know.
function sizeOf(body: object): number | undefined {
  const tag = Object.prototype.toString.call(body)
  if (tag === '[object Blob]' || tag === '[object File]') return (body as Blob).size
  // The package `form-data` calls its streams so, too.
  if (tag !== '[object FormData]' || !(Symbol.iterator in body)) return undefined
  let size = 0
  for (const [name, value] of body as Iterable<[string, string | Blob]>)
    size += Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : value.size)
  return size
}
