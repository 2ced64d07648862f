/** Servers on real sockets that answer as they are told, and what their clients hold. For tests only. */
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createRuntime } from '@breakwater/kernel'
import { expect, onTestFinished } from 'vitest'
import { freePort } from '../../../servers/free-ports.ts'
import type { HttpClientOptions } from './client-options.js'
import { heldBy } from './held.model.js'
import { createHttpClient } from './http-client.js'
import type { HttpClient } from './http-client.js'

/** One request that a server got. */
interface Got {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export interface FakeServer {
  readonly url: string
  readonly got: readonly Got[]
  stop(): Promise<void>
}

export type Answer = (request: IncomingMessage, response: ServerResponse, nth: number) => void

/** A server; it is stopped when the test is over. */
export async function server(answer: Answer): Promise<FakeServer> {
  const got: Got[] = []
  const http = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      got.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      answer(request, response, got.length)
    })
  })
  const sockets = new Set<Socket>()
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      http.close(() => {
        resolve()
      })
      for (const socket of sockets) socket.destroy()
    })
  onTestFinished(stop)
  return { url: `http://127.0.0.1:${String((http.address() as AddressInfo).port)}`, got, stop }
}

/** A server that answers these in turn, the last one for ever. */
export function answering(...answers: readonly (number | string | Answer)[]): Promise<FakeServer> {
  return server((request, response, nth) => {
    const answer = answers[Math.min(nth, answers.length) - 1] ?? 200
    if (typeof answer === 'function') answer(request, response, nth)
    else if (typeof answer === 'string') response.end(answer)
    else response.writeHead(answer).end(`status ${String(answer)}`)
  })
}

/** Never answers. */
export const silence: Answer = () => undefined
/** Cuts the connection. */
export const reset: Answer = (request) => request.socket.resetAndDestroy()

/** An address where nobody listens. */
export async function nobody(): Promise<string> {
  return `http://127.0.0.1:${String(await freePort())}`
}

/** A client that is closed when the test is over. */
export function clientOf(options: HttpClientOptions): HttpClient {
  const client = createHttpClient({ runtime: createRuntime(), ...options })
  onTestFinished(() => client.close())
  return client
}

/** A client with one service, `users`. */
export function usersOn(
  instances: readonly (string | FakeServer)[],
  options: HttpClientOptions = {},
): HttpClient {
  const urls = instances.map((instance) => (typeof instance === 'string' ? instance : instance.url))
  return clientOf({
    ...options,
    services: { users: { instances: urls, balancer: { strategy: 'roundRobin' } } },
  })
}

/** Nobody holds a slot, a place in a queue or an instance any more. */
export async function isAtRest(client: HttpClient): Promise<void> {
  await expect.poll(() => heldBy(client)).toEqual([])
}

/** What it was rejected with. */
export const failureOf = (sent: Promise<unknown>): Promise<Error> =>
  sent.then(
    () => {
      throw new Error('it was answered')
    },
    (error: unknown) => error as Error,
  )
