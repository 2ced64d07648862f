/**
 * An adapter for axios, which is not needed for it: what an adapter gets and gives is plain data. Each request, and each redirect that
 * is followed, is one call of the policies, whatever axios or a plug-in of it does around.
 */
import { pipeline, Transform } from 'node:stream'
import type { Readable } from 'node:stream'
import { isError } from '@breakwater/kernel'
import { interceptors, request } from 'undici'
import type { Dispatcher } from 'undici'
import { axiosUrl } from './axios-url.js'
import type { AxiosAddress } from './axios-url.js'
import { undiciForm } from './fetch-body.js'
import type { HttpSender } from './http-client.js'

/** As many as axios follows. */
const MAX_REDIRECTS = 21

/** Tokens hold what listens to them for as long as they live, which may be longer than any request. */
interface TokenSignal extends AbortSignal {
  unsubscribe?(): void
}

/** What axios asks an adapter for; the part that is used. */
interface AxiosConfigLike extends AxiosAddress {
  readonly method?: string
  readonly headers?: unknown
  readonly data?: unknown
  readonly maxRedirects?: number
  readonly responseType?: string
  readonly timeout?: number
  readonly maxContentLength?: number
  readonly auth?: { readonly username?: string; readonly password?: string }
  readonly signal?: unknown
  /** What axios had before signals. */
  readonly cancelToken?: { toAbortSignal(): TokenSignal }
  readonly validateStatus?: ((status: number) => boolean) | null
  readonly [key: string]: unknown
}

/** What it answers. */
interface AxiosResponseLike {
  readonly data: unknown
  readonly status: number
  readonly statusText: string
  readonly headers: Record<string, string | string[] | undefined>
  readonly config: never
  readonly request: unknown
}

/** Fits `AxiosRequestConfig.adapter`. */
export type AxiosAdapterLike = (config: object) => Promise<never>

/** An adapter that sends through `sender`. */
export function axiosAdapterOf(sender: Pick<HttpSender, 'dispatcher'>): AxiosAdapterLike {
  const adapter = async (config: AxiosConfigLike): Promise<AxiosResponseLike> => {
    try {
      return settled(config, await answerOf(sender, config))
    } catch (error) {
      throw described(error, config)
    }
  }
  return adapter as unknown as AxiosAdapterLike
}

async function answerOf(
  { dispatcher }: Pick<HttpSender, 'dispatcher'>,
  config: AxiosConfigLike,
): Promise<AxiosResponseLike> {
  const { method = 'get', headers, maxRedirects: maxRedirections = MAX_REDIRECTS } = config
  const url = axiosUrl(config)
  const { body, type } = sentOf(config)
  const token = config.cancelToken?.toAbortSignal()
  const leaveToken = (): void => token?.unsubscribe?.()
  const signal = signalOf(config, token)
  const asked = request(url, {
    method: method.toUpperCase() as 'GET',
    headers: { ...headersOf(headers), ...type, ...credentialsOf(config, url) },
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
    dispatcher: dispatcher.compose(interceptors.redirect({ maxRedirections })),
  })
  asked.then(({ body }) => body.once('close', leaveToken), leaveToken)
  const answer = await asked
  return {
    data: await dataOf(answer.body, config),
    status: answer.statusCode,
    statusText: answer.statusText,
    headers: joinedOf(answer.headers),
    config: config as never,
    request: undefined,
  }
}

/** As axios settles: a status that is not valid is an error with the response. */
function settled(config: AxiosConfigLike, response: AxiosResponseLike): AxiosResponseLike {
  const { validateStatus } = config
  if (validateStatus === undefined || validateStatus === null || validateStatus(response.status))
    return response
  const isOfClient = response.status >= 400 && response.status < 500
  const code = isOfClient ? 'ERR_BAD_REQUEST' : 'ERR_BAD_RESPONSE'
  const message = `Request failed with status code ${String(response.status)}`
  throw Object.assign(new Error(message), { code, response, status: response.status })
}

// What axios and its plug-ins look at.
function described(error: unknown, config: AxiosConfigLike): unknown {
  const given = asAxiosSays(isError(error) ? error : new Error(String(error)), config)
  if ('isAxiosError' in given) return given
  const { name, message } = given
  const { code, status, response } = given as { code?: unknown; status?: unknown; response?: unknown }
  const isAbort = name === 'AbortError' || code === 'UND_ERR_ABORTED'
  return Object.assign(new Error(message, { cause: given }), {
    name: isAbort ? 'CanceledError' : 'AxiosError',
    isAxiosError: true,
    ...(isAbort ? { __CANCEL__: true } : {}),
    config,
    code: isAbort ? 'ERR_CANCELED' : code,
    status,
    response,
    toJSON: () => ({ message, name, code }),
  })
}

// What ends by the time of the configuration has a code and a message of its own.
function asAxiosSays(error: Error, { timeout, signal }: AxiosConfigLike): Error {
  if (error.name !== 'TimeoutError' || !timeout || (signal as AbortSignal | undefined)?.aborted) return error
  const message = `timeout of ${String(timeout)}ms exceeded`
  return Object.assign(new Error(message, { cause: error }), { code: 'ECONNABORTED' })
}

function signalOf(
  { signal, timeout }: AxiosConfigLike,
  token: TokenSignal | undefined,
): AbortSignal | undefined {
  const ends = [token, timeout ? AbortSignal.timeout(timeout) : undefined].filter((end) => end !== undefined)
  if (ends.length === 0) return signal as AbortSignal | undefined
  return AbortSignal.any(signal instanceof AbortSignal ? [signal, ...ends] : ends)
}

interface Sent {
  readonly body?: NonNullable<Dispatcher.DispatchOptions['body']>
  /** What axios leaves to its adapters; undefined: what undici says of the body. */
  readonly type?: Readonly<Record<string, string | undefined>>
}

function sentOf({ data }: AxiosConfigLike): Sent {
  if (data === undefined || data === null) return {}
  const body = data as NonNullable<Sent['body']>
  if (data instanceof Blob) return { body, type: { 'content-type': data.type || 'application/octet-stream' } }
  // Of the package `form-data`, which is a stream.
  const { getHeaders } = data as { getHeaders?: () => Record<string, string> }
  if (typeof getHeaders === 'function') return { body, type: getHeaders.call(data) }
  if (Object.prototype.toString.call(data) !== '[object FormData]') return { body }
  return { body: undiciForm(data as FormData), type: { 'content-type': undefined } }
}

// As the adapters of axios: what `auth` says goes before what the URL says, and both before the header.
function credentialsOf({ auth }: AxiosConfigLike, { username, password }: URL): Record<string, string> {
  const inUrl =
    username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const said = auth === undefined ? inUrl : `${auth.username ?? ''}:${auth.password ?? ''}`
  return said === undefined ? {} : { authorization: `Basic ${Buffer.from(said).toString('base64')}` }
}

// `AxiosHeaders` shows its pairs by `toJSON`.
function headersOf(headers: unknown): Record<string, string> {
  const shown = (headers as { toJSON?: () => unknown } | null | undefined)?.toJSON?.() ?? headers ?? {}
  const pairs = Object.entries(shown as Record<string, unknown>)
  const given = pairs.filter(([, value]) => value !== undefined && value !== null && value !== false)
  return Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), String(value as string)]))
}

// Undici lists what came more than once; axios shows it as Node does, in one text, but for cookies.
function joinedOf(headers: AxiosResponseLike['headers']): AxiosResponseLike['headers'] {
  const pairs = Object.entries(headers).map(([name, value]) => {
    const isJoined = Array.isArray(value) && name !== 'set-cookie'
    return [name, isJoined ? value.join(', ') : value] as const
  })
  return Object.fromEntries(pairs)
}

async function dataOf(
  body: Readable & { text(): Promise<string>; arrayBuffer(): Promise<ArrayBuffer> },
  config: AxiosConfigLike,
): Promise<unknown> {
  const { responseType, maxContentLength = -1 } = config
  const limited = maxContentLength < 0 ? undefined : bounded(body, maxContentLength, config)
  if (responseType === 'stream') return limited ?? body
  const bytes = limited && (await bytesOf(limited))
  if (responseType === 'arraybuffer') return bytes ?? Buffer.from(await body.arrayBuffer())
  // Axios parses JSON itself, by its `transformResponse`.
  return bytes === undefined ? body.text() : new TextDecoder().decode(bytes)
}

/** The same body, which fails where it is larger; with it ends the request, and its connection. */
function bounded(body: Readable, maxBytes: number, config: AxiosConfigLike): Readable {
  let size = 0
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size <= maxBytes) done(null, chunk)
      else done(tooLarge(maxBytes, config))
    },
  })
  // Who reads it hears of what goes wrong.
  return pipeline(body, limit, () => undefined)
}

function tooLarge(maxBytes: number, config: AxiosConfigLike): Error {
  const message = `maxContentLength size of ${String(maxBytes)} exceeded`
  return described(Object.assign(new Error(message), { code: 'ERR_BAD_RESPONSE' }), config) as Error
}

async function bytesOf(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
