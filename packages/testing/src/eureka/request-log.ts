/** What a server was asked, for assertions. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'
import type { Route, Target } from './core/router.js'

const unzip = promisify(gunzip)

/** One request. */
export interface RecordedRequest {
  readonly method: string
  /** As it came, encoded, without the query. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  /** Parsed if it is JSON, the text otherwise, `undefined` when empty. */
  readonly body: unknown
  readonly route: Route
  /** In upper case; empty where the path names none. */
  readonly app: string
  /** The id of the instance, or the VIP; empty where the path names none. */
  readonly name: string
  /** The time of the clock. */
  readonly at: number
  /** What was answered; `undefined` while it is not, or when a fault kept the answer back. */
  readonly status: number | undefined
}

/** A record whose answer is to come. */
export type OpenRecord = { -readonly [K in keyof RecordedRequest]: RecordedRequest[K] }

const MAX_RECORDS = 10_000
const MAX_BODY_BYTES = 64 * 1024 * 1024

/** The last requests, oldest first; of more than 10 000 the oldest are forgotten. */
export class RequestLog {
  readonly records: OpenRecord[] = []

  add(request: ReceivedRequest, { route, app, name }: Target, at: number): OpenRecord {
    const { method, path, query, headers, body } = request
    const record: OpenRecord = { method, path, query, headers, body, route, app, name, at, status: undefined }
    this.records.push(record)
    if (this.records.length > MAX_RECORDS) this.records.shift()
    return record
  }

  clear(): void {
    this.records.length = 0
  }
}

/** A request, received whole. */
export interface ReceivedRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
  /** Whether the body was compressed. */
  readonly isCompressed: boolean
}

/** Reads a request to its end. Rejects when the connection breaks, and when the body is larger than 64 MiB. */
export async function receive(request: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new RangeError('request body is too large')
    chunks.push(chunk)
  }
  const isCompressed = request.headers['content-encoding'] === 'gzip'
  const raw = Buffer.concat(chunks)
  // A body that does not unpack reads as none, which every operation that wants one refuses.
  const bytes = isCompressed ? await unzip(raw).catch(() => Buffer.alloc(0)) : raw
  const [path = '', search = ''] = splitOnce(request.url ?? '')
  return {
    method: request.method ?? '',
    path,
    query: firstValues(search),
    headers: request.headers,
    body: parse(bytes.toString('utf8')),
    isCompressed,
  }
}

function splitOnce(url: string): [string, string] {
  const at = url.indexOf('?')
  return at === -1 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
}

function firstValues(search: string): Record<string, string> {
  const values = new Map<string, string>()
  for (const [key, value] of new URLSearchParams(search)) if (!values.has(key)) values.set(key, value)
  return Object.fromEntries(values)
}

function parse(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
