/** Real servers on loopback that do what no server should, and count what was asked of them. */
import { once } from 'node:events'
import { createServer as createHttp } from 'node:http'
import type { RequestListener } from 'node:http'
import { connect, createServer as createTcp } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'

export interface TestServer {
  readonly origin: string
  readonly port: number
  /** Connections that were ever made. */
  readonly accepted: number
  /** Connections that the client has not closed. */
  open(): number
  /** Connections that the client closed, by their number. */
  readonly closed: readonly number[]
  /** Requests whose headers came, `METHOD path` each. */
  readonly requests: string[]
  /** The number of the connection on which each of them came: 1 is the first accepted. */
  readonly cameOn: readonly number[]
  stop(): Promise<void>
}

/** Where a server listens; by default on some port of 127.0.0.1. */
interface Place {
  readonly host?: string
  readonly port?: number
}

/** A server of HTTP; it is gone when the test is over. */
export function httpServer(
  listener: RequestListener,
  create: (listener: RequestListener) => Server = createHttp,
): Promise<TestServer> {
  const watch = new Watch()
  const server = create((request, response) => {
    watch.note(request.socket, `${String(request.method)} ${String(request.url)}`)
    listener(request, response)
  })
  return watch.start(server, create === createHttp ? 'http' : 'https')
}

/** A server of bytes: `answer` is called with the socket for each request that came in; request bodies are not understood. */
export function rawServer(
  answer: (socket: Socket, nth: number) => void,
  place: Place = {},
): Promise<TestServer> {
  const watch = new Watch()
  const server = createTcp({ allowHalfOpen: true, noDelay: true }, (socket) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
        const nth = watch.note(socket, text.slice(0, text.indexOf(' HTTP/')))
        text = text.slice(end + 4)
        answer(socket, nth)
      }
    })
  })
  return watch.start(server, 'http', place)
}

/** A server that does with a new connection what `onConnection` says. */
export function tcpServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const server = createTcp({ allowHalfOpen: true }, (socket) => {
    onConnection(socket)
    // Only who reads hears of the end.
    socket.resume()
  })
  return new Watch().start(server, 'http')
}

/** Waits for what sockets bring, which no simulated clock hurries. */
export async function eventually(isSo: () => boolean): Promise<void> {
  await vi.waitUntil(isSo, { timeout: 10_000, interval: 2 })
}

const ROUND_TRIPS = 5

/** Resolves when whatever was on its way over loopback has arrived: bytes that were sent after it have gone there and back. */
export async function bytesArrived(): Promise<void> {
  const echo = createTcp((socket) => void socket.pipe(socket))
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  const socket = connect((echo.address() as AddressInfo).port, '127.0.0.1')
  for (let trip = 0; trip < ROUND_TRIPS; trip++) {
    socket.write('.')
    await once(socket, 'data')
  }
  socket.destroy()
  await new Promise<unknown>((resolve) => echo.close(resolve))
}

/** Counts what happens at a server. */
class Watch {
  private readonly sockets = new Map<Socket, number>()
  private readonly requests: string[] = []
  private readonly cameOn: number[] = []
  private readonly closed = new Set<number>()
  private accepted = 0

  /** @returns how many requests came so far */
  note(socket: Socket, request: string): number {
    this.cameOn.push(this.sockets.get(socket) ?? 0)
    return this.requests.push(request)
  }

  async start(server: Server, scheme: 'http' | 'https', place: Place = {}): Promise<TestServer> {
    // The TLS socket is the one that requests come on.
    server.on(scheme === 'https' ? 'secureConnection' : 'connection', (socket: Socket) => this.accept(socket))
    const { host = '127.0.0.1', port: wanted = 0 } = place
    await new Promise<void>((resolve) => server.listen(wanted, host, resolve))
    const { port } = server.address() as AddressInfo
    const stop = async (): Promise<void> => {
      for (const socket of this.sockets.keys()) socket.destroy()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    }
    onTestFinished(stop)
    const name = host.includes(':') ? `[${host}]` : host
    return this.view(`${scheme}://${name}:${String(port)}`, port, stop)
  }

  private accept(socket: Socket): void {
    const number = ++this.accepted
    this.sockets.set(socket, number)
    const isClosed = (): unknown => this.closed.add(number)
    socket.on('error', () => undefined).on('end', isClosed)
    socket.on('close', isClosed).on('close', () => this.sockets.delete(socket))
  }

  private view(origin: string, port: number, stop: () => Promise<void>): TestServer {
    const { requests, cameOn } = this
    const { closed } = this
    const accepted = (): number => this.accepted
    return {
      origin,
      port,
      requests,
      cameOn,
      get accepted() {
        return accepted()
      },
      get closed() {
        return [...closed]
      },
      open: () => accepted() - closed.size,
      stop,
    }
  }
}
