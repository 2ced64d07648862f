/**
 * One attempt at one operation: the request to one server, the redirects on its way, and the reading of the answer. What
 * comes back can be used; everything else is an error, and makes the caller try another server.
 */
import type { Clock, RegistryError } from '@breakwater/kernel'
import { judgeRedirect } from '../core/servers/redirect.js'
import type { RedirectPolicy } from '../core/servers/redirect.js'
import { judgeAnswer } from '../core/wire/requests.js'
import type { AnswerVerdict, EurekaRequest } from '../core/wire/requests.js'
import { decodeBody } from '../../transport/decode-body.js'
import type { Exchange, HttpAnswer } from '../../transport/exchange.js'
import { isRegistryFault, registryError } from '../../transport/registry-errors.js'
import { waitOf } from '../../transport/retry-after.js'
import type { ServiceUrl } from '../../transport/service-url.js'

/** Makes a value of an answer's JSON; throws when it is not what the operation answers. */
export type ReadAnswer<T> = (json: unknown, signal: AbortSignal) => Promise<T> | T

export interface AttemptOptions {
  readonly clock: Clock
  readonly exchange: Exchange
  /** What is sent with every request; asked before each. */
  readonly headers: () => Readonly<Record<string, string>>
  readonly redirects: RedirectPolicy
  readonly maxRedirects: number
  /** Ends the reading of a large answer. */
  readonly signal: AbortSignal
}

export interface Answer<T> {
  readonly verdict: Exclude<AnswerVerdict, 'redirect' | 'next-server'>
  readonly status: number
  /** Who answered in the end. */
  readonly server: ServiceUrl
  /** Only of a success that was to be read. */
  readonly value: T | undefined
}

/** What to ask, whom, and what else may be asked on the way. */
export interface Attempt<T> {
  readonly request: EurekaRequest
  readonly server: ServiceUrl
  readonly servers: readonly ServiceUrl[]
  readonly read: ReadAnswer<T> | undefined
  /** For each request, where there is less time than usual. */
  readonly limitMs?: number | undefined
}

/** Rejects with `RegistryError` alone, unless `read` throws something else. */
export async function attempt<T>(what: Attempt<T>, options: AttemptOptions): Promise<Answer<T>> {
  const { operation } = what.request
  const { answer, server } = await followed(what, options)
  const verdict = judgeAnswer(operation, answer.status)
  if (verdict === 'redirect' || verdict === 'next-server') {
    const message = `${server.base} answered ${String(answer.status)} to ${operation}`
    const retryAfterMs = waitOf(answer.retryAfter, options.clock.epochNow())
    throw registryError('STATUS', message, { answered: answer.status, retryAfterMs })
  }
  const { status, body } = answer
  // The cancellation takes every answer for a success, and none for something to read.
  const isRead = verdict === 'success' && status < 300
  if (!isRead || what.read === undefined) {
    // Whoever shows a page in place of a server has registered and renewed nothing.
    if (isRead && body.isPage) throw unusable(server, registryError('BODY', 'the answer is a page of HTML'))
    return { verdict, status, server, value: undefined }
  }
  if (operation === 'delta' && body.length === 0)
    return { verdict: 'no-delta', status, server, value: undefined }
  try {
    const json = await decodeBody(body, options.clock, options.signal)
    return { verdict, status, server, value: await what.read(json, options.signal) }
  } catch (error) {
    throw isRegistryFault(error, 'BODY') ? unusable(server, error as RegistryError) : error
  }
}

/** Whose answer it was: there may be several servers, and a proxy before each. */
function unusable({ base }: ServiceUrl, { message, cause }: RegistryError): RegistryError {
  return registryError('BODY', `${base}: ${message}`, { cause })
}

async function followed<T>(
  { request, server: first, servers, limitMs }: Attempt<T>,
  { exchange, headers, redirects, maxRedirects }: AttemptOptions,
): Promise<{ answer: HttpAnswer; server: ServiceUrl }> {
  const { method, path } = request
  const body = request.body === undefined ? undefined : JSON.stringify(request.body)
  const known = new Set(servers.map(({ origin }) => origin))
  const visited = new Set<string>()
  for (let server = first; ;) {
    const answer = await exchange.send({
      server,
      method,
      path: placeOf(server, request),
      headers: body === undefined ? headers() : { ...headers(), 'content-type': 'application/json' },
      body,
      limitMs,
    })
    if (judgeAnswer(request.operation, answer.status) !== 'redirect') return { answer, server }
    const from = server.origin + placeOf(server, request)
    visited.add(from)
    const { location } = answer
    const verdict = judgeRedirect({
      from,
      path,
      location,
      known,
      policy: redirects,
      visited,
      maxHops: maxRedirects,
    })
    if (verdict.kind === 'refuse') {
      throw registryError('REDIRECT', `${server.base} redirects, and is not followed: ${verdict.reason}`)
    }
    const { url, basePath } = verdict
    // A server of the list has credentials of its own; nobody else gets those of another.
    const named = servers.find(({ origin }) => origin === url.origin)
    server = (named ?? server).movedTo(url, basePath)
  }
}

/** The list of overrides is the one resource beside the versions of the protocol, not below one. */
function placeOf({ path: base }: ServiceUrl, { operation, path }: EurekaRequest): string {
  return (operation === 'overrides' ? base.replace(/v\d+\/$/, '') : base) + path
}
