import { expect, test } from 'vitest'
import { failureClassOf } from './failure-class.js'
import type { FailureClass } from './failure-class.js'

const GOAWAY = 'HTTP/2: "GOAWAY" frame received with code 0'
const coded = (code: string, message = '', more = {}): Error =>
  Object.assign(new Error(message), { code, ...more })
const streamError = (http2ErrorCode: number): Error => coded('ERR_HTTP2_STREAM_ERROR', '', { http2ErrorCode })
const refusedStream = coded('ERR_HTTP2_STREAM_ERROR', 'Stream closed with error code NGHTTP2_REFUSED_STREAM')

interface Case {
  readonly what: string
  readonly error: unknown
  readonly isSent?: boolean
  readonly hasHead?: boolean
  readonly expected: FailureClass
}

const cases: readonly Case[] = [
  { what: 'refused connection', error: coded('ECONNREFUSED'), isSent: false, expected: 'never-sent' },
  { what: 'anything, when nothing was written', error: refusedStream, isSent: false, expected: 'never-sent' },
  { what: 'reset', error: coded('ECONNRESET'), expected: 'maybe-processed' },
  { what: 'closed by the other side', error: coded('UND_ERR_SOCKET'), expected: 'maybe-processed' },
  { what: 'refused stream, by its message', error: refusedStream, expected: 'refused' },
  { what: 'refused stream, by its code', error: streamError(7), expected: 'refused' },
  { what: 'refused stream after headers', error: refusedStream, hasHead: true, expected: 'maybe-processed' },
  { what: 'another stream error', error: streamError(2), expected: 'maybe-processed' },
  { what: 'GOAWAY above the last stream', error: coded('UND_ERR_INFO', GOAWAY), expected: 'refused' },
  { what: 'GOAWAY to the connection', error: coded('UND_ERR_SOCKET', GOAWAY), expected: 'maybe-processed' },
  { what: 'other information', error: coded('UND_ERR_INFO', 'reset'), expected: 'maybe-processed' },
  { what: 'no new stream', error: coded('ERR_HTTP2_GOAWAY_SESSION'), expected: 'refused' },
  { what: 'no error at all', error: undefined, expected: 'maybe-processed' },
  { what: 'null', error: null, expected: 'maybe-processed' },
  { what: 'no text as message', error: { code: 'UND_ERR_INFO', message: 7 }, expected: 'maybe-processed' },
]

test.each(cases)('$what is $expected', ({ error, isSent = true, hasHead = false, expected }) => {
  expect(failureClassOf(error, isSent, hasHead)).toBe(expected)
})
