import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { H2CClient } from 'undici'
import type { Dispatcher } from 'undici'
import { Pool as Pool8 } from 'undici-8'
import { describe, expect, onTestFinished, test } from 'vitest'
import { dispatchOutlet } from './dispatch-outlet.js'
import type { Outlet } from './exchange.js'
import { eventually } from './hostile-server.model.js'
import { send } from './wire.model.js'

const REFUSED_STREAM = 7
const INTERNAL_ERROR = 2

interface Server {
  readonly origin: string
  readonly streams: ServerHttp2Stream[]
}

async function http2Server(onStream: (stream: ServerHttp2Stream, nth: number) => void): Promise<Server> {
  const streams: ServerHttp2Stream[] = []
  const sessions: ServerHttp2Session[] = []
  const server = createServer()
  server.on('session', (session) => sessions.push(session.on('error', () => undefined)))
  server.on('stream', (stream) => {
    stream.on('error', () => undefined)
    onStream(stream, streams.push(stream))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return { origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, streams }
}

function outletOf(dispatcher: { dispatch: unknown; destroy(): Promise<void> }): Outlet {
  onTestFinished(() => dispatcher.destroy())
  const dispatch = dispatcher.dispatch as Dispatcher.Dispatch
  return dispatchOutlet((options, handler) => dispatch.call(dispatcher as never, options, handler))
}

// Missing in undici's own declarations.
const h2c = { useH2c: true, connections: 1 }
const of7 = (origin: string): Outlet => outletOf(new H2CClient(origin))
const of8 = (origin: string): Outlet => outletOf(new Pool8(origin, h2c))

describe.each([
  ['7.30.2', of7],
  ['8.latest', of8],
])('over HTTP/2, undici %s', (_version, make) => {
  test('an answer comes as over HTTP/1.1', async () => {
    const server = await http2Server((stream) => {
      stream.respond({ ':status': 201, 'x-kind': 'a' })
      stream.end('hello')
    })

    const { exchange, sink } = send(make(server.origin), server)
    await sink.ended

    expect(sink.heard).toEqual(['head 201', 'data', 'end'])
    expect(exchange.headers['x-kind']).toBe('a')
    expect(sink.body).toBe('hello')
  })

  test('a refused stream was not processed', async () => {
    const server = await http2Server((stream) => stream.close(REFUSED_STREAM))

    const { exchange, sink } = send(make(server.origin), { ...server, method: 'POST', body: 'x' })
    await sink.ended

    expect(server.streams.length).toBeGreaterThan(0)
    expect(exchange).toMatchObject({ failureClass: 'refused', isSent: true, hasHead: false })
  })

  test('a stream that failed otherwise may have been', async () => {
    const server = await http2Server((stream) => stream.close(INTERNAL_ERROR))

    const { exchange, sink } = send(make(server.origin), server)
    await sink.ended

    expect(exchange.failureClass).toBe('maybe-processed')
  })

  test('a connection that ends in error may have processed it', async () => {
    const server = await http2Server((stream) => stream.session?.goaway(INTERNAL_ERROR))

    const { exchange, sink } = send(make(server.origin), server)
    await sink.ended

    expect(exchange.failureClass).toBe('maybe-processed')
  })

  test('an answer that its connection does not survive is a failure', async () => {
    const server = await http2Server((stream) => {
      stream.respond({ ':status': 200 })
      stream.write('hello')
      setTimeout(() => stream.session?.destroy(), 20)
    })

    const { exchange, sink } = send(make(server.origin), server)
    await sink.ended

    expect(sink.heard).toEqual(['head 200', 'data', 'failure'])
    expect(exchange.failureClass).toBe('maybe-processed')
  })

  test('aborting one stream leaves the connection to the others', async () => {
    const server = await http2Server((stream, nth) => {
      if (nth > 1) stream.respond({ ':status': 204 }, { endStream: true })
    })
    const outlet = make(server.origin)
    const { exchange, sink } = send(outlet, server)
    await eventually(() => server.streams.length === 1)

    exchange.abort(new Error('enough'))
    const next = send(outlet, server)
    await next.sink.ended

    expect(sink.heard).toEqual(['failure'])
    expect(next.sink.heard).toEqual(['head 204', 'end'])
    expect(server.streams[1]?.session).toBe(server.streams[0]?.session)
  })
})

test('undici 8: streams above the last one that a GOAWAY names were not processed', async () => {
  const server = await http2Server((stream, nth) => {
    if (nth === 2) stream.session?.goaway(0, server.streams[0]?.id)
  })
  const outlet = of8(server.origin)
  const taken = send(outlet, server)
  await eventually(() => server.streams.length === 1)

  // A body that undici cannot repeat by itself.
  const refused = send(outlet, { ...server, method: 'POST', body: Readable.from(['x']) })
  await refused.sink.ended

  expect(refused.sink.error?.message).toContain('GOAWAY')
  expect(refused.exchange.failureClass).toBe('refused')
  taken.exchange.abort(new Error('over'))
  expect(taken.exchange.failureClass).toBe('maybe-processed')
})
