/** Writes answers: compressed, with the headers that servers send, or spoilt by a fault. */
import type { ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Clock } from '@breakwater/kernel'
import { appsHash } from './core/apps-hash.js'
import type { Format } from './core/negotiate.js'
import type { Reply } from './core/operations.js'
import type { Flavour } from './core/router.js'
import type { EurekaFault } from './faults.js'

const zip = promisify(gzip)

export interface Answer {
  readonly reply: Reply
  readonly path: string
  readonly isCompressed: boolean
  /** The type that the Netflix server gives an empty body. */
  readonly emptyType: Format | undefined
  readonly fault: EurekaFault | undefined
}

export interface ResponderOptions {
  readonly flavour: Flavour
  readonly clock: Clock
}

const ERRORS_THAT_CLOSE: ReadonlySet<number> = new Set([400, 500])
const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
}
const PAGE = '<!doctype html><html><body><h1>It works!</h1></body></html>'
const NO_APPLICATIONS = { versions__delta: '1', apps__hashcode: '', application: [] }
const HASH = /("apps__hashcode":"|<apps__hashcode>)[^"<]*/

export class Responder {
  private readonly flavour: Flavour
  private readonly clock: Clock

  constructor({ flavour, clock }: ResponderOptions) {
    this.flavour = flavour
    this.clock = clock
  }

  /** Writes an answer, as the fault has it; what it says is {@link spoilt} before. */
  async send(
    response: ServerResponse,
    { reply, path, isCompressed, emptyType, fault }: Answer,
  ): Promise<void> {
    const { body = '', format } = this.explained(reply, path)
    const headers = this.headersOf(reply.status, body === '' ? this.ofEmpty(emptyType) : format)
    const bytes = isCompressed && body !== '' ? await zip(body) : Buffer.from(body)
    if (isCompressed && body !== '') headers['content-encoding'] = 'gzip'
    if (reply.status !== 204) headers['content-length'] = String(bytes.length)
    response.writeHead(reply.status, headers)
    if (fault?.kind === 'truncate') truncate(response, bytes, fault.share ?? 0.5)
    else if (fault?.kind === 'slow') this.trickle(response, bytes, fault)
    else response.end(bytes)
  }

  /** Spring explains every error in JSON, Netflix none. */
  private explained(reply: Reply, path: string): Reply {
    const { status, body } = reply
    const error = REASONS[status]
    if (this.flavour === 'netflix' || body !== undefined || error === undefined) return reply
    const timestamp = new Date(this.clock.epochNow()).toISOString()
    return { status, body: JSON.stringify({ timestamp, status, error, path }), format: 'json' }
  }

  private headersOf(status: number, format: Reply['format']): Record<string, string> {
    const headers: Record<string, string> = {}
    const isSpring = this.flavour === 'spring'
    if (format !== undefined) headers['content-type'] = `application/${format}`
    const closes = isSpring ? ERRORS_THAT_CLOSE.has(status) : status === 500
    if (closes) headers['connection'] = 'close'
    return headers
  }

  private ofEmpty(type: Format | undefined): Format | undefined {
    return this.flavour === 'netflix' ? type : undefined
  }

  private trickle(response: ServerResponse, bytes: Buffer, slow: { everyMs: number; bytes?: number }): void {
    const { everyMs, bytes: size = 1 } = slow
    let sent = 0
    let cancel = (): void => undefined
    response.once('close', () => {
      cancel()
    })
    const next = (): void => {
      response.write(bytes.subarray(sent, sent + size))
      sent += size
      if (sent >= bytes.length) response.end()
      else cancel = this.clock.schedule(this.clock.now() + everyMs, next, { background: true })
    }
    next()
  }
}

function truncate(response: ServerResponse, bytes: Buffer, share: number): void {
  response.write(bytes.subarray(0, Math.floor(bytes.length * share)), () => {
    response.destroy()
  })
}

/** What a server says in place of `reply` under a fault. */
export function spoilt(reply: Reply, fault: EurekaFault | undefined): Reply {
  const { body, format } = reply
  // What says nothing is no list.
  if (fault?.kind !== 'garbage' && body === undefined) return reply
  switch (fault?.kind) {
    case 'garbage':
      return { status: 200, body: PAGE, format: 'json' }
    case 'emptyRegistry':
      return {
        ...reply,
        body: format === 'json' ? JSON.stringify({ applications: NO_APPLICATIONS }) : '<applications/>',
      }
    case 'wrongHash':
      return { ...reply, body: body?.replace(HASH, (_all, head: string) => head + wrongHash(body)) }
    default:
      return reply
  }
}

/** A hash of the right form that fits no list: it counts one instance more than the text can hold. */
function wrongHash(body: string): string {
  return appsHash(['UP']).replace('1', String(body.length))
}
