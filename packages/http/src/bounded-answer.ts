/**
 * Answers that `fetch` inflates, held to the limit of their service. What comes over the wire is counted there; a small body that
 * becomes a large one is counted here, as its reader takes it: nothing is inflated before somebody reads.
 */
import { Response } from 'undici'
import { ResponseTooLargeError } from './wire/wire-errors.js'

/** What an answer says of itself, which one that was made of a stream would not know. */
const SAID = ['url', 'redirected', 'type', 'status', 'statusText', 'ok', 'headers'] as const

/** Whether what is read may be more than what came. */
export function isInflated({ body, headers }: Response): boolean {
  return body !== null && headers.has('content-encoding')
}

/** The same answer, whose body fails when more than `limitBytes` have been read of it and its clones. */
export function boundedAnswer(answer: Response, limitBytes: number): Response {
  const { headers } = answer
  return lookingLike(answer, new Response(counted(answer, limitBytes), { headers }))
}

function lookingLike(original: Response, copy: Response): Response {
  for (const key of SAID) Object.defineProperty(copy, key, { value: original[key], configurable: true })
  // Both halves come out of the stream that counts.
  const clone = (): Response => lookingLike(original, Response.prototype.clone.call(copy))
  return Object.defineProperty(copy, 'clone', { value: clone, configurable: true, writable: true })
}

// The answer is held by its stream: undici ends the body of one that nobody holds and nobody reads.
function counted(answer: Response, limitBytes: number): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const readerOf = (): ReadableStreamDefaultReader<Uint8Array> =>
    (reader ??= (answer.body as ReadableStream<Uint8Array>).getReader())
  let bytes = 0
  return new ReadableStream({
    type: 'bytes',
    async pull(controller): Promise<void> {
      const { done, value } = await readerOf().read()
      if (done) {
        controller.close()
        // A reader that brought its own buffer waits for it.
        controller.byobRequest?.respond(0)
        return
      }
      bytes += value.byteLength
      if (bytes <= limitBytes) {
        controller.enqueue(value)
        return
      }
      const error = tooLarge(answer, limitBytes)
      controller.error(error)
      await readerOf().cancel(error)
    },
    cancel: (reason: unknown) => readerOf().cancel(reason),
  })
}

// As `fetch` says that a body broke off.
function tooLarge({ url }: Response, limitBytes: number): TypeError {
  const message = `${new URL(url).origin}: the body is larger than ${String(limitBytes)} bytes when it is inflated`
  return new TypeError('terminated', { cause: new ResponseTooLargeError(message, { limitBytes }) })
}
