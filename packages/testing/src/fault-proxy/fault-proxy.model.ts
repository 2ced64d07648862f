/** What the tests of the proxy share: a target that does as told, and a client that records what reaches it and when. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { FaultProxy } from './fault-proxy.js'
import type { FaultProxyOptions } from './proxy-options.js'

/** Answers every chunk with `reply(chunk)`, and ends when its client does. */
export interface Target {
  readonly address: string
  readonly sockets: ReadonlySet<Socket>
  readonly received: () => string
  stop(): Promise<void>
}

export async function startTarget(reply: (chunk: Buffer) => Buffer | string): Promise<Target> {
  const sockets = new Set<Socket>()
  let received = ''
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      socket.write(reply(chunk))
    })
    socket.on('end', () => socket.end())
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    sockets,
    received: () => received,
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One connection, as its client sees it. */
export interface Client {
  readonly socket: Socket
  /** What came, piece by piece. */
  readonly pieces: readonly Buffer[]
  /** Resolves when so many bytes came. */
  received(bytes: number): Promise<string>
  /** Resolves with how it ended: `end` (FIN) or the code of an error. */
  readonly ended: Promise<string>
}

export function openClient(url: string): Client {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  const pieces: Buffer[] = []
  socket.on('data', (piece) => pieces.push(piece))
  const ended = new Promise<string>((resolve) => {
    socket.once('end', () => {
      resolve('end')
    })
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      resolve(code ?? 'error')
    })
  })
  const text = (): string => Buffer.concat(pieces).toString('latin1')
  return {
    socket,
    pieces,
    ended,
    received: async (bytes) => {
      while (text().length < bytes) await once(socket, 'data')
      return text()
    },
  }
}

/** Waits for something that another socket does, without a fixed time. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

/** Waits until a count above zero has stood still for many turns of the event loop. */
export async function untilStill(count: () => number): Promise<void> {
  let [last, still] = [0, 0]
  while (still < 2_000) {
    await new Promise((resolve) => setImmediate(resolve))
    still = count() > 0 && count() === last ? still + 1 : 0
    last = count()
  }
}

/** Proxies with their targets and clients, ended together. */
export class ProxyLab {
  private readonly cleanups: (() => unknown)[] = []

  onClose(cleanup: () => unknown): void {
    this.cleanups.push(cleanup)
  }

  async start(
    options: Omit<FaultProxyOptions, 'target'> = {},
    reply = (chunk: Buffer): Buffer => chunk,
  ): Promise<{ proxy: FaultProxy; target: Target; open: () => Client }> {
    const target = await startTarget(reply)
    this.onClose(() => target.stop())
    const proxy = await FaultProxy.start({ target: target.address, ...options })
    this.onClose(() => proxy.stop())
    const open = (): Client => {
      const client = openClient(proxy.url)
      this.onClose(() => client.socket.destroy())
      return client
    }
    return { proxy, target, open }
  }

  /** As {@link start}, with a client whose first byte, an `a`, has gone there and back. */
  async connected(): Promise<Awaited<ReturnType<ProxyLab['start']>> & { client: Client }> {
    const started = await this.start()
    const client = started.open()
    client.socket.write('a')
    await client.received(1)
    return { ...started, client }
  }

  async close(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) await cleanup()
  }
}
