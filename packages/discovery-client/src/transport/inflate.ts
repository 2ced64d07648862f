/**
 * The body of an answer as it was before the transfer: unpacked, within a limit of bytes. Servers of the registry pack
 * by gzip, also unasked (spec §1: the filter of the Netflix server).
 */
import type { Buffer } from 'node:buffer'
import { gunzip } from 'node:zlib'
import { registryError } from './registry-errors.js'

/** Large enough that a registry of 10 000 instances takes few turns of the loop. */
const CHUNK_BYTES = 256 * 1_024

/** Unpacks in the thread pool. Rejects with `ERR_REGISTRY_TOO_LARGE` or `ERR_REGISTRY_BODY`. */
export function inflate(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const coding = (encoding ?? '').trim().toLowerCase()
  if (coding === '' || coding === 'identity' || body.length === 0) return Promise.resolve(body)
  if (coding !== 'gzip' && coding !== 'x-gzip') {
    return Promise.reject(registryError('BODY', 'the answer is packed in a way that was not asked for'))
  }
  return new Promise((resolve, reject) => {
    gunzip(
      body,
      { maxOutputLength: maxBytes, chunkSize: Math.min(CHUNK_BYTES, maxBytes + 64) },
      (error, whole) => {
        if (error === null) resolve(whole)
        else if ('code' in error && error.code === 'ERR_BUFFER_TOO_LARGE')
          reject(tooLarge(maxBytes, 'unpacked'))
        else reject(registryError('BODY', 'the answer cannot be unpacked', { cause: error }))
      },
    )
  })
}

export function tooLarge(maxBytes: number, how: string): Error {
  return registryError('TOO_LARGE', `the answer ${how} is longer than ${String(maxBytes)} bytes`)
}
