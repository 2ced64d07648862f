/** What the tests of faults share: bytes on real sockets, and the proof that nothing is left of a request. For tests only. */
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { createHttpClient } from '@breakwater/http'
import type { HttpClient, HttpClientOptions, ServiceOptions } from '@breakwater/http'
import { createRuntime } from '@breakwater/kernel'
import { onTestFinished } from 'vitest'
import { freePort } from '../../servers/free-ports.ts'

export { isAtRest } from '../../packages/http/src/fleet.model.js'

export interface RawServer {
  readonly url: string
  /** Requests that came. */
  readonly asked: () => number
  /** Connections that the client closed. */
  readonly closed: () => number
  /** Connections that were ever made. */
  readonly accepted: () => number
  stop(): Promise<void>
}

/** A server of bytes: `answer` gets the socket of each request. */
export async function rawServer(answer: (socket: Socket, nth: number) => void, port = 0): Promise<RawServer> {
  const sockets = new Set<Socket>()
  let [asked, accepted, closed] = [0, 0, 0]
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    accepted++
    sockets.add(socket)
    socket.on('error', () => undefined).on('end', () => socket.end())
    socket.once('close', () => {
      closed++
      sockets.delete(socket)
    })
    socket.on('data', (text) => {
      if (text.includes('\r\n\r\n')) answer(socket, ++asked)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
      for (const socket of sockets) socket.destroy()
    })
  onTestFinished(stop)
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    asked: () => asked,
    closed: () => closed,
    accepted: () => accepted,
    stop,
  }
}

/** Answers these in turn, the last one for ever. */
export function saying(...answers: readonly string[]): Promise<RawServer> {
  return rawServer((socket, nth) => socket.write(answers[Math.min(nth, answers.length) - 1] ?? ''))
}

/** An answer as it is written. */
export function written(status: string, body = '', headers: Readonly<Record<string, string>> = {}): string {
  const all = { 'content-length': String(Buffer.byteLength(body)), ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n${body}`
}

/** A place where nobody listens. */
export async function nobody(): Promise<string> {
  return `http://127.0.0.1:${String(await freePort())}`
}

/** A client with the service `users` on these instances, each asked in its turn. */
export function usersAt(
  instances: readonly string[],
  service: ServiceOptions = {},
  options: HttpClientOptions = {},
): HttpClient {
  const users = { instances, balancer: { strategy: 'roundRobin' } as const, ...service }
  const client = createHttpClient({ runtime: createRuntime(), ...options, services: { users } })
  onTestFinished(() => client.close())
  return client
}

/** How the calls of the service ended. */
export function endsOf(client: HttpClient): Readonly<Record<string, number>> {
  const { executions } = client.snapshot().services[0]?.command ?? {}
  const {
    success = 0,
    failure = 0,
    timeout = 0,
    rejected = 0,
    ignored = 0,
    cancelled = 0,
  } = { ...executions }
  return Object.fromEntries(
    Object.entries({ success, failure, timeout, rejected, ignored, cancelled }).filter(
      ([, count]) => count > 0,
    ),
  )
}

/** The error that a request ends with, without what `fetch` puts around it. */
export function failureOf(request: Promise<unknown>): Promise<unknown> {
  return request.then(
    () => {
      throw new Error('it was answered')
    },
    (error: unknown) => (error instanceof TypeError && error.cause !== undefined ? error.cause : error),
  )
}
