/**
 * How far a failed attempt got. It decides whether another attempt is safe: what never left us, or what the server says
 * it refused unprocessed, may be repeated whatever its method; what may have been processed only when it is idempotent.
 */

/**
 * - `never-sent`: no byte of the request was written: connection refused, no such host, connect timeout, TLS failure, pool
 *   closed, rejected by or given up in a queue.
 * - `refused`: the server said that it did not process it: HTTP/2 REFUSED_STREAM, or GOAWAY with a lower last stream.
 * - `maybe-processed`: everything else; the server may have done the work.
 */
export type FailureClass = 'never-sent' | 'refused' | 'maybe-processed'

/** HTTP/2 error code REFUSED_STREAM (RFC 9113 §7). */
const REFUSED_STREAM = 7

/**
 * The class of a request that failed with `error`. In doubt `maybe-processed`: the cost of a wrong guess is a request
 * done twice.
 *
 * @param isSent - the transport had announced that it writes the request
 * @param hasHead - final response headers had come, so that the server did process it
 */
export function failureClassOf(error: unknown, isSent: boolean, hasHead: boolean): FailureClass {
  if (hasHead) return 'maybe-processed'
  if (!isSent) return 'never-sent'
  return isRefusal(error) ? 'refused' : 'maybe-processed'
}

/**
 * Whether the server disowned the request. Node says so in the error of the stream; undici ≥ 8.1 adds the code, and gives
 * its informational GOAWAY error only to streams above the last one that the server took. Older ones give a socket error
 * of the same text to any stream of the connection, which proves nothing.
 */
function isRefusal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const code = Reflect.get(error, 'code') as unknown
  if (code === 'ERR_HTTP2_STREAM_ERROR') {
    return (
      Reflect.get(error, 'http2ErrorCode') === REFUSED_STREAM || messageOf(error).includes('REFUSED_STREAM')
    )
  }
  if (code === 'UND_ERR_INFO') return messageOf(error).includes('"GOAWAY" frame received')
  return code === 'ERR_HTTP2_GOAWAY_SESSION'
}

function messageOf(error: object): string {
  const message = Reflect.get(error, 'message') as unknown
  return typeof message === 'string' ? message : ''
}
