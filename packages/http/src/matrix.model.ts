/** Every way in, over every protocol and every undici that we support, behind one face. For tests only. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import { createServer as createTcp } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { Readable } from 'node:stream'
import axios from 'axios'
import type * as undici from 'undici'
import { onTestFinished } from 'vitest'
import type { ServiceOptions } from './engine/service-options.js'
import { clientOf } from './fleet.model.js'
import type { HttpClient, HttpSender } from './http-client.js'
import { UNDICI_VERSIONS } from './undici-versions.model.js'
import type { Undici } from './undici-versions.model.js'
import type { TestAuthority } from './wire/test-authority.model.js'

type Protocol = 'HTTP/1.1' | 'HTTP/1.1 with TLS' | 'HTTP/2'

interface Asking {
  readonly method?: string
  readonly body?: string | Readable
  readonly signal?: AbortSignal
}

interface Answered {
  readonly status: number
  readonly body: AsyncIterable<Uint8Array>
}

/** Sends a request to a path of the service. */
type Send = (path: string, asking?: Asking) => Promise<Answered>

interface Way {
  readonly name: string
  readonly protocol: Protocol
  sendVia(client: HttpClient, authority: TestAuthority): Send
}

const BASE = 'http://users'

/** Node's declarations of the two protocols differ where it does not matter here. */
export type Listener = (request: IncomingMessage, response: ServerResponse) => void

/** All ways. */
export const WAYS: readonly Way[] = [
  ...(['HTTP/1.1', 'HTTP/1.1 with TLS'] as const).flatMap((protocol): Way[] => [
    { name: 'client.fetch', protocol, sendVia: (client) => fetching(client.fetch) },
    { name: 'client.request', protocol, sendVia: (client) => requesting(client.request) },
    { name: 'axios', protocol, sendVia: (client) => throughAxios(client) },
  ]),
  ...UNDICI_VERSIONS.flatMap(([version, undici]) => intercepted(version, undici)),
]

/** A server, and how many of its connections have been closed. */
interface Counted {
  readonly url: string
  readonly closed: () => number
}

/** Where a server of that protocol listens; it is gone when the test is over. */
export async function listening(
  protocol: Protocol,
  authority: TestAuthority,
  listener: Listener,
): Promise<string> {
  return (await counting(protocol, authority, listener)).url
}

/** As `listening`. */
export function counting(protocol: Protocol, authority: TestAuthority, listener: Listener): Promise<Counted> {
  if (protocol === 'HTTP/1.1') return started(createServer(listener), 'http')
  const options = { ...authority.issue('127.0.0.1'), allowHTTP1: protocol !== 'HTTP/2' }
  const server = createSecureServer(
    { ...options, ALPNProtocols: protocol === 'HTTP/2' ? ['h2'] : ['http/1.1'] },
    listener as never,
  )
  server.on('sessionError', () => undefined)
  return started(server, 'https')
}

/** A place that takes connections and says nothing: a handshake with it does not end. */
export async function mute(): Promise<string> {
  return (await started(createTcp(), 'https')).url
}

/** A client with the service `users` at these places, each asked in its turn. */
export function usersAt(
  instances: readonly string[],
  authority: TestAuthority,
  options: ServiceOptions,
): HttpClient {
  const users = { instances, balancer: { strategy: 'roundRobin' } as const, ...options }
  return clientOf({ tls: { ca: authority.ca }, services: { users } })
}

/** The whole body. */
export async function textOf({ body }: Answered): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function intercepted(version: string, { Agent, fetch, request }: Undici): Way[] {
  const dispatcherOf = (client: HttpClient, allowH2: boolean, ca: string): undici.Dispatcher => {
    const agent = new Agent({ allowH2, connect: { ca } })
    onTestFinished(() => agent.destroy())
    return agent.compose(client.interceptor())
  }
  return (['HTTP/1.1', 'HTTP/2'] as const).flatMap((protocol): Way[] => [
    {
      name: `request of undici ${version} with the interceptor`,
      protocol,
      sendVia: (client, { ca }) => {
        const dispatcher = dispatcherOf(client, protocol === 'HTTP/2', ca)
        return requesting(((url: string, options: object) =>
          request(url, { ...options, dispatcher })) as typeof undici.request)
      },
    },
    {
      name: `fetch of undici ${version} with the interceptor`,
      protocol,
      sendVia: (client, { ca }) => {
        const dispatcher = dispatcherOf(client, protocol === 'HTTP/2', ca)
        return fetching(((url: string, init: object) =>
          fetch(url, { ...init, dispatcher })) as unknown as HttpSender['fetch'])
      },
    },
  ])
}

function requesting(request: HttpSender['request']): Send {
  return async (path, asking = {}) => {
    const { method, ...rest } = asking
    const { statusCode, body } = await request(`${BASE}${path}`, {
      method: (method ?? 'GET') as 'GET',
      ...rest,
    })
    return { status: statusCode, body }
  }
}

function fetching(fetch: HttpSender['fetch']): Send {
  return async (path, { body, ...rest } = {}) => {
    const streamed = body instanceof Readable ? { body: Readable.toWeb(body), duplex: 'half' } : { body }
    const response = await fetch(`${BASE}${path}`, { ...rest, ...(streamed as RequestInit) })
    return { status: response.status, body: (response.body ?? []) as AsyncIterable<Uint8Array> }
  }
}

function throughAxios(client: HttpClient): Send {
  const http = axios.create({ adapter: client.axiosAdapter(), baseURL: BASE })
  return async (path, { method = 'GET', body, signal } = {}) => {
    const { status, data } = await http.request<Readable>({
      url: path,
      method,
      data: body,
      responseType: 'stream',
      validateStatus: () => true,
      ...(signal === undefined ? {} : { signal }),
    })
    return { status, body: data }
  }
}

async function started(server: Server, scheme: string): Promise<Counted> {
  const sockets = new Set<Socket>()
  let closed = 0
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket
      .on('error', () => undefined)
      .once('close', () => {
        closed++
        sockets.delete(socket)
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { url: `${scheme}://127.0.0.1:${String(port)}`, closed: () => closed }
}
