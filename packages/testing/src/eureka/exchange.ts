/** One request to an embedded server, from its bytes to its answer: what a fault meets, what is performed, what is sent. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@breakwater/kernel'
import { formatOf, isCompressed } from './core/negotiate.js'
import type { Format } from './core/negotiate.js'
import { perform } from './core/operations.js'
import type { Operation, Reply, Server } from './core/operations.js'
import { routeOf } from './core/router.js'
import type { Flavour, Target } from './core/router.js'
import type { AnswerFault, EurekaFault, FaultSet } from './faults.js'
import { receive } from './request-log.js'
import type { ReceivedRequest, RequestLog } from './request-log.js'
import { Responder, spoilt } from './respond.js'
import type { ServerTime } from './server-time.js'

export interface ExchangeOptions {
  readonly flavour: Flavour
  readonly clock: Clock
  readonly time: ServerTime
  readonly faults: FaultSet
  readonly log: RequestLog
  /** The server as it is now: a restart gives it a new state. */
  readonly serverNow: () => Server
}

export class Exchange {
  private readonly options: ExchangeOptions
  private readonly responder: Responder

  constructor(options: ExchangeOptions) {
    this.options = options
    this.responder = new Responder(options)
  }

  /** Serves one request. Rejects when the connection breaks. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { flavour, clock, faults, log } = this.options
    const received = await receive(request)
    const target = routeOf(received.method, received.path, flavour)
    const record = log.add(received, target, clock.now())
    const { delayMs, fault } = faults.meet(target.route)
    if (delayMs > 0 && !(await this.wait(delayMs, response))) return
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'drop' && fault.afterwards !== true) {
      request.socket.resetAndDestroy()
      return
    }
    if (fault?.kind === 'answer') {
      record.status = fault.status
      answer(response, fault)
      return
    }
    const reply = spoilt(this.perform(received, target), fault)
    if (fault?.kind === 'drop') {
      request.socket.resetAndDestroy()
      return
    }
    record.status = reply.status
    await this.send(response, { reply, received, target, fault })
  }

  /** Waits; `false` when the client has left meanwhile. */
  private wait(delayMs: number, response: ServerResponse): Promise<boolean> {
    const { clock } = this.options
    return new Promise((resolve) => {
      const cancel = clock.schedule(clock.now() + delayMs, () => {
        resolve(!response.destroyed)
      })
      response.once('close', () => {
        cancel()
        resolve(false)
      })
    })
  }

  private perform(received: ReceivedRequest, target: Target): Reply {
    const { flavour, serverNow, time } = this.options
    const { headers, query, body } = received
    const format = formatOf(target.route, headers.accept)
    const compressed = isCompressed(target.route, flavour, encodingOf(received))
    const isList = received.method === 'GET' && target.route !== 'other'
    if (isList && (format === undefined || compressed === undefined)) return { status: 406 }
    // Spring's server cannot read what it does not expect to be compressed.
    if (received.isCompressed && flavour === 'spring') return { status: 400 }
    const operation: Operation = {
      target,
      query: new Map(Object.entries(query)),
      body,
      hasJson: headers['content-type']?.includes('json') === true,
      format: format ?? 'xml',
      accept: headers['x-eureka-accept'] === 'compact' ? 'compact' : 'full',
      isReplication: headers['x-netflix-discovery-replication'] === 'true',
      now: time.now(),
    }
    return perform(serverNow(), operation)
  }

  private async send(
    response: ServerResponse,
    {
      reply,
      received,
      target,
      fault,
    }: { reply: Reply; received: ReceivedRequest; target: Target; fault: EurekaFault | undefined },
  ): Promise<void> {
    const isZipped = isCompressed(target.route, this.options.flavour, encodingOf(received)) === true
    const emptyType = emptyTypeOf(reply, target, received)
    await this.responder.send(response, {
      reply,
      path: received.path,
      isCompressed: isZipped,
      emptyType,
      fault,
    })
  }
}

/** What the Netflix server says of a body that is not there: its resources do, what stands before them does not. */
function emptyTypeOf({ status }: Reply, { route }: Target, { headers }: ReceivedRequest): Format | undefined {
  const isBeforeResources = route === 'other' || status === 406 || status === 415
  const isThrown = route === 'heartbeat' && status === 500
  return isBeforeResources || isThrown ? undefined : formatOf(route, headers.accept)
}

function encodingOf({ headers }: ReceivedRequest): string | undefined {
  const encoding = headers['accept-encoding']
  return Array.isArray(encoding) ? encoding.join() : encoding
}

function answer(response: ServerResponse, { status, body = '', headers = {} }: AnswerFault): void {
  response.writeHead(status, headers)
  response.end(body)
}
