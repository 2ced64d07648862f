/**
 * An adapter for axios, which is not needed for it: what an adapter gets and gives is plain data. Requests go through `request`, so
 * each is one call of the policies, whatever axios or a plug-in of it does around.
 */
import type { Readable } from 'node:stream'
import { readUrl } from './core/redaction.js'
import type { HttpSender } from './http-client.js'

/** What axios asks an adapter for; the part that is used. */
interface AxiosConfigLike {
  readonly url?: string
  readonly baseURL?: string
  readonly method?: string
  readonly headers?: unknown
  readonly data?: unknown
  readonly params?: unknown
  readonly responseType?: string
  readonly timeout?: number
  readonly maxContentLength?: number
  readonly auth?: { readonly username?: string; readonly password?: string }
  readonly signal?: unknown
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
export function axiosAdapterOf(sender: Pick<HttpSender, 'request'>): AxiosAdapterLike {
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
  sender: Pick<HttpSender, 'request'>,
  config: AxiosConfigLike,
): Promise<AxiosResponseLike> {
  const url = urlOf(config)
  const { statusCode, headers, body } = await sender.request(url, {
    method: (config.method ?? 'get').toUpperCase() as 'GET',
    headers: { ...headersOf(config.headers), ...credentialsOf(config, url) },
    ...(config.data === undefined || config.data === null ? {} : { body: config.data as string }),
    ...(config.signal === undefined ? {} : { signal: config.signal }),
    ...(config.timeout === undefined || config.timeout === 0 ? {} : { signal: signalOf(config) }),
  })
  return {
    data: await dataOf(body, config),
    status: statusCode,
    statusText: '',
    headers,
    config: config as never,
    request: undefined,
  }
}

/** As axios settles: a status that is not valid is an error with the response. */
function settled(config: AxiosConfigLike, response: AxiosResponseLike): AxiosResponseLike {
  const { validateStatus } = config
  if (validateStatus === undefined || validateStatus === null || validateStatus(response.status))
    return response
  const code = response.status >= 500 ? 'ERR_BAD_RESPONSE' : 'ERR_BAD_REQUEST'
  const message = `Request failed with status code ${String(response.status)}`
  throw Object.assign(new Error(message), { code, response, status: response.status })
}

// What axios and its plug-ins look at.
function described(error: unknown, config: AxiosConfigLike): unknown {
  const given = asAxiosSays(error instanceof Error ? error : new Error(String(error)), config)
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

function signalOf({ signal, timeout = 0 }: AxiosConfigLike): AbortSignal {
  const time = AbortSignal.timeout(timeout)
  return signal instanceof AbortSignal ? AbortSignal.any([signal, time]) : time
}

function urlOf({ url = '', baseURL, params }: AxiosConfigLike): URL {
  const isWhole = /^[a-z][a-z\d+.-]*:\/\//i.test(url)
  const joined =
    isWhole || baseURL === undefined ? url : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`
  const whole = readUrl(joined)
  if (params instanceof URLSearchParams)
    for (const [name, value] of params) whole.searchParams.append(name, value)
  else if (typeof params === 'object' && params !== null) {
    for (const [name, value] of Object.entries(params)) append(whole, name, value)
  }
  return whole
}

function append(url: URL, name: string, value: unknown): void {
  if (value === undefined || value === null) return
  if (Array.isArray(value)) for (const one of value) append(url, `${name}[]`, one)
  else url.searchParams.append(name, value instanceof Date ? value.toISOString() : String(value))
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

async function dataOf(
  body: Readable & { text(): Promise<string>; arrayBuffer(): Promise<ArrayBuffer> },
  { responseType, maxContentLength = -1 }: AxiosConfigLike,
): Promise<unknown> {
  if (responseType === 'stream') return body
  const bytes = maxContentLength < 0 ? undefined : await bytesOf(body, maxContentLength)
  if (responseType === 'arraybuffer') return bytes ?? Buffer.from(await body.arrayBuffer())
  // Axios parses JSON itself, by its `transformResponse`.
  return bytes === undefined ? body.text() : new TextDecoder().decode(bytes)
}

// Who leaves the loop ends the request, and its connection.
async function bytesOf(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) {
      const message = `maxContentLength size of ${String(maxBytes)} exceeded`
      throw Object.assign(new Error(message), { code: 'ERR_BAD_RESPONSE' })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
