/**
 * The page for Prometheus as a request handler in the shape of node:http, which Express takes, too.
 */
import { readOptions, reportInternalError } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { wantsOpenMetrics } from './core/accept.js'
import { OPEN_METRICS_TYPE, TEXT_TYPE } from './core/exposition.js'
import { METRICS_OPTION_NAMES, readMetricsOptions } from './metrics-options.js'
import type { MetricsOptions, ResolvedMetrics } from './metrics-options.js'
import { renderPage } from './render-prometheus.js'

/** Whether this request may see the numbers. */
export type Authorize = (request: IncomingMessage) => boolean | PromiseLike<boolean>

export interface MetricsHandlerOptions extends MetricsOptions {
  /**
   * Asked before each page: anything but `true` means 403, a throw or no answer within 10 s means 500. Default:
   * everybody may.
   */
  readonly authorize?: Authorize | undefined
}

/** Answers one request; never throws. */
export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => void

interface Reply {
  readonly status: number
  readonly body: string
  readonly headers?: OutgoingHttpHeaders
}

const AUTHORIZE_LIMIT_MS = 10_000

/**
 * A handler that answers GET and HEAD with the metrics, in the format that the Accept header prefers, and every other
 * method with 405. It listens nowhere by itself.
 *
 * @throws InvalidOptionsError
 *
 * @example
 * ```ts
 * import { metricsHandler } from '@breakwater/metrics'
 * import { createServer } from 'node:http'
 *
 * const server = createServer(metricsHandler({ authorize: (req) => req.headers.authorization === 'Bearer secret' }))
 * server.listen(0, '127.0.0.1', () => server.close())
 * ```
 */
export function metricsHandler(options?: MetricsHandlerOptions): MetricsHandler {
  const read = readOptions('metricsHandler', options, [...METRICS_OPTION_NAMES, 'authorize'])
  const resolved = readMetricsOptions(read)
  const authorize = read.fn<Authorize>('authorize')
  read.finish()
  return (request, response) => {
    replyTo(request, resolved, authorize).then(
      (reply) => {
        send(response, reply, request.method === 'HEAD')
      },
      (error: unknown) => {
        reportInternalError(error, 'metricsHandler')
        send(response, { status: 500, body: 'Internal Server Error\n' }, request.method === 'HEAD')
      },
    )
  }
}

async function replyTo(
  request: IncomingMessage,
  resolved: ResolvedMetrics,
  authorize: Authorize | undefined,
): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return { status: 405, body: 'Method Not Allowed\n', headers: { allow: 'GET, HEAD' } }
  const mayRead = authorize === undefined || (await inTime(authorize(request), resolved.clock))
  if (mayRead !== true) return { status: 403, body: 'Forbidden\n' }
  const openMetrics = wantsOpenMetrics(request.headers.accept)
  const body = renderPage(resolved, openMetrics)
  const type = openMetrics ? OPEN_METRICS_TYPE : TEXT_TYPE
  return { status: 200, body, headers: { 'content-type': type, vary: 'Accept' } }
}

/** The verdict, or a rejection when it takes too long: no response may stay open. */
function inTime(verdict: boolean | PromiseLike<boolean>, clock: Clock): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(clock.now() + AUTHORIZE_LIMIT_MS, () => {
      reject(new Error(`authorize did not answer within ${String(AUTHORIZE_LIMIT_MS)} ms`))
    })
    Promise.resolve(verdict).then(resolve, reject).finally(cancel)
  })
}

function send(response: ServerResponse, { status, body, headers }: Reply, isHead: boolean): void {
  if (response.writableEnded) return
  try {
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-length': Buffer.byteLength(body),
      ...headers,
    })
    response.end(isHead ? undefined : body)
  } catch (error) {
    // Somebody else has begun to answer; half an answer must not stay open.
    reportInternalError(error, 'metricsHandler')
    response.destroy()
  }
}
