/**
 * From the bytes of an answer to its JSON. Proxies put pages of HTML in the place of answers, and old servers XML: both
 * are told from JSON by what they are, because the content type is right even less often.
 */
import type { Clock } from '@breakwater/kernel'
import type { Buffer } from 'node:buffer'
import { TextDecoder } from 'node:util'
import { breathe } from '../eureka/client/breathe.js'
import { parseLargeJson } from '../eureka/core/wire/parse-json.js'
import type { NextPiece } from '../eureka/core/wire/text-window.js'
import type { AnswerBody } from './answer-body.js'
import { isRegistryFault, registryError } from './registry-errors.js'

const PIECE_BYTES = 64 * 1_024

/** The JSON value of `body`, decoded and parsed in slices. Rejects with `ERR_REGISTRY_BODY` for anything else, and for damaged text. */
export async function decodeBody(body: AnswerBody, clock: Clock, signal: AbortSignal): Promise<unknown> {
  try {
    return await breathe(parseLargeJson(piecesOf(body)), clock, signal)
  } catch (error) {
    if (signal.aborted || isRegistryFault(error, 'BODY')) throw error
    // The message of a syntax error quotes the text.
    throw registryError('BODY', 'the answer is not JSON')
  }
}

/** The text of `body` piece by piece. Throws `ERR_REGISTRY_BODY` for bytes that are no UTF-8, and for HTML and XML. */
function piecesOf({ chunks }: AnswerBody): NextPiece {
  const slices = slicesOf(chunks)
  // Also takes a byte order mark away.
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let isFirst = true
  let isAtEnd = false
  return () => {
    if (isAtEnd) return undefined
    const slice = slices.next()
    isAtEnd = slice.done === true
    const text = decode(decoder, slice.value ?? undefined)
    if (isFirst && /^\s{0,64}</.test(text)) throw registryError('BODY', 'the answer is HTML or XML, not JSON')
    isFirst = false
    return text
  }
}

/** Without a slice: what the end of the text makes of a character that is not whole. */
function decode(decoder: TextDecoder, slice: Buffer | undefined): string {
  try {
    return slice === undefined ? decoder.decode() : decoder.decode(slice, { stream: true })
  } catch (error) {
    throw registryError('BODY', 'the answer is not UTF-8', { cause: error })
  }
}

function* slicesOf(chunks: readonly Buffer[]): Generator<Buffer, undefined, undefined> {
  for (const chunk of chunks)
    for (let from = 0; from < chunk.length; from += PIECE_BYTES)
      yield chunk.subarray(from, from + PIECE_BYTES)
  return undefined
}
