/** What the regression tests of undici share: servers on real sockets, and how many requests ended how. For tests only. */
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import { createServer as createTcp } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { createHttpClient } from '@breakwater/http'
import type { HttpClient, HttpClientOptions, ServiceOptions } from '@breakwater/http'
import { createRuntime } from '@breakwater/kernel'
import { onTestFinished } from 'vitest'
import { freePort } from '../../servers/free-ports.ts'

/** Of the event loop, in which a request ends whose answer is there. */
const TURNS = 3

export interface TestServer {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/** A server of HTTP; it is gone when the test is over. */
export function serve(listener: RequestListener, port = 0): Promise<TestServer> {
  return listening(createServer(listener), 'http', port)
}

/** Takes connections and never says a word: a handshake with it does not end. */
export function mute(): Promise<TestServer> {
  return listening(createTcp(), 'https', 0)
}

/** A place where nobody listens any more. */
export async function nobody(): Promise<TestServer> {
  const port = await freePort()
  return { url: `http://127.0.0.1:${String(port)}`, port, stop: () => Promise.resolve() }
}

/** A client of ours with the service `users` on these servers. */
export function usersOn(
  servers: readonly TestServer[],
  service: ServiceOptions = {},
  options: HttpClientOptions = {},
): HttpClient {
  const users = { instances: servers.map(({ url }) => url), ...service }
  const client = createHttpClient({ runtime: createRuntime(), ...options, services: { users } })
  onTestFinished(() => client.close())
  return client
}

/** What has become of requests after `waitMs`. */
interface Ends {
  readonly answered: number
  readonly failed: number
  /** Neither. */
  readonly pending: number
}

export async function endsOf(requests: readonly Promise<unknown>[], waitMs: number): Promise<Ends> {
  let [answered, failed] = [0, 0]
  const all = requests.map((request) =>
    request.then(
      () => answered++,
      () => failed++,
    ),
  )
  await Promise.race([Promise.all(all), sleep(waitMs)])
  // After a stall the timer comes first, though ends may lie in the sockets.
  for (let turn = 0; turn < TURNS; turn++) await setImmediate()
  return { answered, failed, pending: requests.length - answered - failed }
}

/** The time that a request takes to fail; undefined when it is still pending after `waitMs`. */
export async function failsAfter(send: () => Promise<unknown>, waitMs: number): Promise<number | undefined> {
  const begin = performance.now()
  const failure = send().then(
    () => undefined,
    () => performance.now() - begin,
  )
  return Promise.race([failure, sleep(waitMs, undefined)])
}

/** The whole answer of a request of undici's. */
export async function textOf(request: Promise<{ body: { text(): Promise<string> } }>): Promise<string> {
  return (await request).body.text()
}

/** So many of them. */
export function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make)
}

async function listening(server: Server, scheme: string, port: number): Promise<TestServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const own = (server.address() as AddressInfo).port
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
      for (const socket of sockets) socket.destroy()
    })
  onTestFinished(stop)
  return { url: `${scheme}://127.0.0.1:${String(own)}`, port: own, stop }
}
