/**
 * The body of an answer as it was before the transfer: unpacked, within a limit of bytes. Servers of the registry pack
 * by gzip, also unasked (spec §1: the filter of the Netflix server).
 */
import type { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AnswerBody } from './answer-body.js'
import { registryError } from './registry-errors.js'

/** Large enough that a registry of 10 000 instances takes few turns of the loop. */
const CHUNK_BYTES = 256 * 1_024

export interface InflateOptions {
  readonly maxBytes: number
  /** Ends the unpacking; the promise rejects with its reason. */
  readonly signal: AbortSignal
}

/** Unpacks in the thread pool. Rejects with `ERR_REGISTRY_TOO_LARGE` or `ERR_REGISTRY_BODY`. */
export async function inflate(
  body: AnswerBody,
  encoding: string | undefined,
  { maxBytes, signal }: InflateOptions,
): Promise<AnswerBody> {
  const coding = (encoding ?? '').trim().toLowerCase()
  if (coding === '' || coding === 'identity' || body.length === 0) return body
  if (coding !== 'gzip' && coding !== 'x-gzip')
    throw registryError('BODY', 'the answer is packed in a way that was not asked for')
  const unpacked: Buffer[] = []
  let bytes = 0
  const collect = async (chunks: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge(maxBytes, 'unpacked')
      unpacked.push(chunk)
    }
  }
  try {
    const gunzip = createGunzip({ chunkSize: Math.min(CHUNK_BYTES, maxBytes + 64) })
    await pipeline(Readable.from(body.chunks), gunzip, collect, { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (bytes > maxBytes) throw error
    throw registryError('BODY', 'the answer cannot be unpacked', { cause: error })
  }
  return new AnswerBody(unpacked)
}

export function tooLarge(maxBytes: number, how: string): Error {
  return registryError('TOO_LARGE', `the answer ${how} is longer than ${String(maxBytes)} bytes`)
}
