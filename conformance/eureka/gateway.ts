// A reverse proxy before a Eureka server: it notes what was asked, and may answer in the server's place.
import { Buffer } from 'node:buffer'
import { createServer, request } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer, request as requestByTls } from 'node:https'
import type { RequestOptions, ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'

/** One request, with its path from the base on. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly authorization: string | undefined
}

interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What to do with a request; `undefined` passes it on. */
export type Judge = (asked: Asked) => Reply | 'hang' | undefined | Promise<Reply | 'hang' | undefined>

export interface GatewayOptions {
  /** The base URL of the server behind it. Credentials in it are sent with every request, in the place of others. */
  readonly target: string
  /** How to judge the certificate of a server behind it that speaks TLS. */
  readonly trust?: Pick<RequestOptions, 'ca' | 'rejectUnauthorized'> | undefined
  readonly judge?: Judge
  /** Speaks TLS with these certificates. */
  readonly tls?: ServerOptions
}

export class Gateway {
  readonly asked: Asked[] = []
  judge: Judge
  private readonly target: URL
  private readonly server: Server
  private readonly scheme: string
  private readonly trust: GatewayOptions['trust']
  private readonly authorization: string | undefined

  private constructor({ target, trust, judge = () => undefined, tls }: GatewayOptions) {
    this.target = new URL(target)
    this.trust = trust
    this.authorization = authorizationOf(this.target)
    this.judge = judge
    this.scheme = tls === undefined ? 'http' : 'https'
    const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
      this.handle(incoming, response).catch(() => response.destroy())
    }
    this.server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  }

  static async start(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options)
    await new Promise<void>((resolve) => gateway.server.listen(0, '127.0.0.1', resolve))
    return gateway
  }

  /** Where it stands in for the server. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo
    return `${this.scheme}://127.0.0.1:${String(port)}${this.target.pathname}`
  }

  /** `METHOD first-segments` of what was asked, such as `GET apps/delta`, that match. */
  count(pattern: RegExp): number {
    return this.asked.filter(({ method, path }) => pattern.test(`${method} ${path}`)).length
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    this.server.closeAllConnections()
    await closed
  }

  private async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = incoming
    const asked = {
      method,
      path: url.slice(this.target.pathname.length),
      authorization: headers.authorization,
    }
    this.asked.push(asked)
    const reply = await this.judge(asked)
    if (reply === 'hang') return
    if (reply === undefined) {
      await this.pass(incoming, response)
      return
    }
    incoming.resume()
    response.writeHead(reply.status, reply.headers).end(reply.body)
  }

  private pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.target
      const { authorization = incoming.headers.authorization } = this
      const headers = {
        ...incoming.headers,
        ...(authorization === undefined ? {} : { authorization }),
        host: this.target.host,
      }
      const { method, url: path } = incoming
      const send = this.target.protocol === 'https:' ? requestByTls : request
      const ask = {
        hostname: hostname.replace(/^\[|\]$/g, ''),
        port,
        method,
        path,
        headers,
        agent: false,
        ...this.trust,
      }
      const call = send(ask, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.once('error', reject).pipe(response)
        response.once('close', resolve)
      })
      call.once('error', reject)
      incoming.pipe(call)
    })
  }
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}
