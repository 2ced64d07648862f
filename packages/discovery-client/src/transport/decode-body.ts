/**
 * From the bytes of an answer to its JSON. Proxies put pages of HTML in the place of answers, and old servers XML: both
 * are told from JSON by what they are, because the content type is right even less often.
 */
import type { Clock } from '@breakwater/kernel'
import type { Buffer } from 'node:buffer'
import { breathe } from '../eureka/client/breathe.js'
import { parseLargeJson } from '../eureka/core/wire/parse-json.js'
import { registryError } from './registry-errors.js'

/** The JSON value of `body`, parsed in slices. Rejects with `ERR_REGISTRY_BODY` for anything else, and for damaged text. */
export async function decodeBody(body: Buffer, clock: Clock, signal: AbortSignal): Promise<unknown> {
  let text: string
  try {
    // Also takes a byte order mark away.
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (error) {
    throw registryError('BODY', 'the answer is not UTF-8', { cause: error })
  }
  if (/^\s{0,64}</.test(text)) throw registryError('BODY', 'the answer is HTML or XML, not JSON')
  try {
    return await breathe(parseLargeJson(text), clock, signal)
  } catch (error) {
    if (signal.aborted) throw error
    // The message of a syntax error quotes the text.
    throw registryError('BODY', 'the answer is not JSON')
  }
}
