/**
 * One request to one server and its answer, with one limit of time over all of it (connecting, waiting, every byte of
 * the body, unpacking) and a limit of bytes. Redirects are not followed here.
 */
import type { Clock } from '@breakwater/kernel'
import { isError, outsideOfCalls, RegistryError } from '@breakwater/kernel'
import type { AnswerBody } from './answer-body.js'
import { AnswerCollector, isBodyOfUse } from './answer-collector.js'
import { Connections } from './connections.js'
import type { ConnectionOptions } from './connections.js'
import { inflate } from './inflate.js'
import { isRegistryFault, registryError, stoppedError } from './registry-errors.js'
import { scheduleAfterPoll } from './schedule-after-poll.js'
import type { ServiceUrl } from './service-url.js'

export interface ExchangeOptions extends ConnectionOptions {
  readonly clock: Clock
  /** From the open connection to the end of the answer. */
  readonly readTimeoutMs: number
  readonly maxBodyBytes: number
}

export interface HttpRequest {
  readonly server: ServiceUrl
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** From the root of the server, percent-encoded, with its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  /** In place of the time that the exchange gives to all answers. */
  readonly readTimeoutMs?: number | undefined
  /** For all of it at most, the connection included. */
  readonly limitMs?: number | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** By names in small letters. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly contentType: string
  readonly location: string | undefined
  readonly retryAfter: string | undefined
  /** Unpacked; as sent, and perhaps not whole, where the status is no success. */
  readonly body: AnswerBody
}

/** Errors of a connection that was kept open and that the other side had already closed. */
const BROKEN_CONNECTION = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
const NEVER_CONNECTED = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT'])

export class Exchange {
  private readonly options: ExchangeOptions
  private readonly connections: Connections
  private readonly underWay = new Set<AnswerCollector>()
  private isClosed = false

  constructor(options: ExchangeOptions) {
    this.options = options
    this.connections = new Connections(options)
  }

  /** Requests that have not ended. */
  get size(): number {
    return this.underWay.size
  }

  /** Sockets that are open or being opened. */
  get sockets(): number {
    return this.connections.open
  }

  /** Rejects with `RegistryError` alone. */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { connectTimeoutMs, readTimeoutMs, clock } = this.options
    const limitMs = connectTimeoutMs + (request.readTimeoutMs ?? readTimeoutMs)
    const endAt = clock.now() + Math.min(limitMs, request.limitMs ?? limitMs)
    const begun = this.connections.begun
    const first = this.once(request, endAt)
    try {
      return await first.answer
    } catch (error) {
      const isStale = !first.hasBegun && this.connections.begun === begun && isBroken(error)
      if (!isStale || this.isClosed) throw this.inOurWords(error, request, first.hasBegun)
    }
    // Servers close idle connections without a word: this says nothing about the server, a fresh connection does.
    const second = this.once(request, endAt)
    try {
      return await second.answer
    } catch (error) {
      throw this.inOurWords(error, request, second.hasBegun)
    }
  }

  /** Ends what is under way with `ERR_REGISTRY_STOPPED`, and every connection. */
  async close(): Promise<void> {
    this.isClosed = true
    for (const collector of this.underWay) collector.giveUp(stoppedError())
    await this.connections.destroy()
  }

  private once(
    request: HttpRequest,
    endAt: number,
  ): { answer: Promise<HttpAnswer>; readonly hasBegun: boolean } {
    const { clock, maxBodyBytes, background = false } = this.options
    const collector = new AnswerCollector(maxBodyBytes)
    this.underWay.add(collector)
    const expire = (): void => {
      collector.giveUp(registryError('TIMEOUT', `${request.server.base} did not answer in time`))
    }
    const cancel = scheduleAfterPoll(clock, endAt, expire, { background })
    const answer = this.read(request, collector).finally(() => {
      cancel()
      this.underWay.delete(collector)
    })
    return {
      answer,
      get hasBegun() {
        return collector.hasBegun
      },
    }
  }

  private async read(request: HttpRequest, collector: AnswerCollector): Promise<HttpAnswer> {
    if (this.isClosed) collector.giveUp(stoppedError())
    // Its connection serves others after it.
    else outsideOfCalls(() => this.dispatch(request, collector))
    const { status, headers, body } = await collector.answer
    const limits = { maxBytes: this.options.maxBodyBytes, signal: collector.signal }
    return {
      status,
      headers,
      contentType: headers['content-type'] ?? '',
      location: headers['location'],
      retryAfter: headers['retry-after'],
      body: isBodyOfUse(status) ? await inflate(body, headers['content-encoding'], limits) : body,
    }
  }

  private dispatch({ server, method, path, headers, body }: HttpRequest, collector: AnswerCollector): void {
    const authorization = server.authorization()
    try {
      this.connections.dispatch(
        {
          origin: server.origin,
          path,
          method,
          headers: authorization === undefined ? headers : { ...headers, authorization },
          body: body ?? null,
        },
        collector,
      )
    } catch (error) {
      collector.giveUp(isError(error) ? error : new Error(String(error)))
    }
  }

  private inOurWords(error: unknown, { server }: HttpRequest, hasBegun: boolean): Error {
    // Whose answer it was: there may be several servers, and a proxy before each.
    for (const fault of ['BODY', 'TOO_LARGE'] as const) {
      if (!isRegistryFault(error, fault)) continue
      const { message, cause } = error as RegistryError
      return registryError(fault, `${server.base}: ${message}`, { cause })
    }
    if (error instanceof RegistryError) return error
    if (NEVER_CONNECTED.has(codeOf(error))) {
      return registryError('TIMEOUT', `${server.base} took no connection in time`, { cause: error })
    }
    const how = hasBegun ? 'broke its answer off' : 'cannot be reached'
    return registryError('UNREACHABLE', `${server.base} ${how}`, { cause: error })
  }
}

function isBroken(error: unknown): boolean {
  return BROKEN_CONNECTION.has(codeOf(error))
}

function codeOf(error: unknown): string {
  const code: unknown = isError(error) && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}
