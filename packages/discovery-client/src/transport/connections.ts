/**
 * The connections to the servers of the registry: one pool for each server, TLS that is never switched off, and sockets
 * that are all closed at the end, also those still being opened.
 */
import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { Agent, buildConnector, ProxyAgent } from 'undici'
import type { Dispatcher } from 'undici'

/** Certificates and keys, as `tls.connect` takes them. Checks of certificate and host name cannot be switched off. */
export interface TlsOptions {
  /** Authorities that sign the certificates of the servers, instead of the public ones. */
  readonly ca?: SecureContextOptions['ca']
  /** Our own certificate, for servers that ask for one (mutual TLS). */
  readonly cert?: SecureContextOptions['cert']
  readonly key?: SecureContextOptions['key']
  /** Certificate, key and authorities in one PKCS #12 file. */
  readonly pfx?: SecureContextOptions['pfx']
  /** Opens `key` or `pfx`. */
  readonly passphrase?: string | undefined
  /** The oldest version to speak. Default: that of Node, TLS 1.2. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined
}

/** A proxy for all requests to the registry. */
export interface ProxyOptions {
  /** For example `http://proxy.internal:3128`, with credentials if it wants some. */
  readonly url: string
}

export interface ConnectionOptions {
  readonly connectTimeoutMs: number
  /** How long a connection waits for its next request; 0: each request has one of its own. */
  readonly idleTimeoutMs: number
  readonly maxConnectionsPerServer: number
  readonly tls?: TlsOptions | undefined
  readonly proxy?: ProxyOptions | undefined
  /** For requests that nobody waits for: they keep no process alive. Not heeded with a proxy. */
  readonly background?: boolean | undefined
}

export class Connections {
  private readonly agent: Dispatcher
  private readonly sockets = new Set<Socket>()
  private count = 0

  constructor(options: ConnectionOptions) {
    this.agent = options.proxy === undefined ? this.direct(options) : this.proxied(options, options.proxy)
  }

  /** Connections begun so far: a request during which none was begun ran on an old one. */
  get begun(): number {
    return this.count
  }

  /** Sockets that are open or being opened; those to a proxy are not counted. */
  get open(): number {
    return this.sockets.size
  }

  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.agent.dispatch(request, handler)
  }

  /** Ends every request and closes every socket. */
  async destroy(): Promise<void> {
    const ended = this.agent.destroy()
    // undici leaves a socket alone until it is connected, which may take as long as connecting may take.
    for (const socket of this.sockets) socket.destroy(new Error('closed'))
    await ended
  }

  private direct(options: ConnectionOptions): Dispatcher {
    const open = buildConnector(tlsOf(options))
    const connect: buildConnector.connector = (target, callback) => {
      this.count++
      // The declared type says void; what comes is the socket that is being opened.
      const socket = open(target, callback) as unknown as Socket | undefined
      if (socket === undefined) return
      if (options.background === true) release(socket)
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    }
    return new Agent({ ...poolOf(options), connect })
  }

  private proxied(options: ConnectionOptions, { url }: ProxyOptions): Dispatcher {
    const { username, password, origin } = new URL(url)
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const token = pair === ':' ? {} : { token: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` }
    const tls = tlsOf(options)
    return new ProxyAgent({ ...poolOf(options), ...token, uri: origin, requestTls: tls, proxyTls: tls })
  }
}

/** Lets the process end over this socket. undici holds on to the sockets of requests that are under way, so that is undone for good. */
function release(socket: Socket): void {
  socket.unref()
  socket.ref = () => socket
}

function poolOf({ idleTimeoutMs, maxConnectionsPerServer }: ConnectionOptions): Agent.Options {
  // undici takes no idle time of 0; where nothing is pipelined, it closes a connection after its answer.
  const kept = { keepAliveTimeout: idleTimeoutMs, keepAliveMaxTimeout: idleTimeoutMs, pipelining: 1 }
  return {
    connections: maxConnectionsPerServer,
    ...(idleTimeoutMs === 0 ? { pipelining: 0 } : kept),
    // Both limit the silence between two bytes, which a slow sender never breaks. The deadline of the exchange holds.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
}

function tlsOf({ tls, connectTimeoutMs }: ConnectionOptions): buildConnector.BuildOptions {
  return { ...tls, timeout: connectTimeoutMs, rejectUnauthorized: true }
}
