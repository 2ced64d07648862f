/** Real servers on loopback that do what no server should, and count what was asked of them. */
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'

export interface HostileServer {
  readonly url: string
  readonly origin: string
  readonly port: number
  /** `METHOD path` of each request. */
  readonly requests: string[]
  readonly headers: IncomingMessage['headers'][]
  readonly bodies: string[]
  /** Connections open now. */
  connections(): number
  /** All connections that were ever made. */
  readonly accepted: number
  stop(): Promise<void>
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

/** Starts a server that answers with `answer`; it is gone when the test is over. */
export async function hostileServer(
  answer: Answer,
  create: (listener: RequestListener) => Server = createServer,
): Promise<HostileServer> {
  const sockets = new Set<Socket>()
  const requests: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const bodies: string[] = []
  const state = { accepted: 0 }
  const server = create((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`)
    headers.push(request.headers)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString('utf8'))
      answer(request, response)
    })
  })
  server.on('connection', (socket) => {
    state.accepted++
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const scheme = create === createServer ? 'http' : 'https'
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
    })
  }
  onTestFinished(stop)
  return {
    url: `${scheme}://127.0.0.1:${String(port)}/eureka/`,
    origin: `${scheme}://127.0.0.1:${String(port)}`,
    port,
    requests,
    headers,
    bodies,
    connections: () => sockets.size,
    get accepted() {
      return state.accepted
    },
    stop,
  }
}

/** A JSON answer. */
export function json(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Waits for what sockets bring, which no simulated clock hurries. */
export async function eventually(isSo: () => boolean): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 10_000, interval: 2 })
}
