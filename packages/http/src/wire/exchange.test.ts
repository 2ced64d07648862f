import { describe, expect, test } from 'vitest'
import { freePort } from '../../../../servers/free-ports.ts'
import type { Exchange } from './exchange.js'
import { bytesArrived, eventually, httpServer, rawServer } from './hostile-server.model.js'
import { OUTLETS, RecordingSink, send } from './wire.model.js'

describe.each(OUTLETS)('an exchange on $name', ({ name, make }) => {
  test('gives the headers, the body and the end, in this order and once', async () => {
    const server = await httpServer((_request, response) => {
      response.writeHead(201, { 'x-kind': ['a', 'b'], trailer: 'x-sum' })
      response.write('hello ')
      response.addTrailers({ 'x-sum': '42' })
      response.end('world')
    })

    const { exchange, sink } = send(make(server.origin), { origin: server.origin, path: '/a?b' })
    await sink.ended

    expect(sink.heard.filter((word) => word !== 'data')).toEqual(['head 201', 'end'])
    expect(sink.body).toBe('hello world')
    expect(exchange).toMatchObject({
      statusCode: 201,
      statusText: 'Created',
      isOver: true,
      reason: null,
      failureKind: undefined,
      bodyBytes: 11,
    })
    expect(exchange.headers['x-kind']).toEqual(['a', 'b'])
    expect(exchange.trailers['x-sum']).toBe('42')
    expect(server.requests).toEqual(['GET /a?b'])
  })

  test('passes 1xx answers by and waits for the final one', async () => {
    const informed: number[] = []
    class Curious extends RecordingSink {
      onInformation(_exchange: Exchange, statusCode: number): void {
        informed.push(statusCode)
      }
    }
    const server = await httpServer((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      response.end('x')
    })

    const { sink } = send(make(server.origin), { origin: server.origin }, { sink: new Curious() })
    await sink.ended

    expect(informed).toEqual([103])
    expect(sink.heard).toEqual(['head 200', 'data', 'end'])
  })

  test('a refused connection was never sent (row 6)', async () => {
    const origin = `http://127.0.0.1:${String(await freePort())}`

    const { exchange, sink } = send(make(origin), { origin, method: 'POST', body: 'x' })
    await sink.ended

    expect(sink.heard).toEqual(['failure'])
    expect(sink.error).toMatchObject({ code: 'ECONNREFUSED' })
    expect(exchange).toMatchObject({ failureClass: 'never-sent', failureKind: 'transport', isSent: false })
  })

  test('a connection reset after the request may have been processed (row 7)', async () => {
    const server = await rawServer((socket) => socket.resetAndDestroy())

    const { exchange, sink } = send(make(server.origin), { origin: server.origin })
    await sink.ended

    expect(server.requests).toEqual(['GET /'])
    expect(sink.heard).toEqual(['failure'])
    expect(exchange).toMatchObject({ failureClass: 'maybe-processed', isSent: true, hasHead: false })
  })

  test.each([
    ['content-length that lies', 'content-length: 10\r\n\r\n12345', 'end'],
    ['content-length, then a reset', 'content-length: 10\r\n\r\n12345', 'reset'],
    ['content-length, connection: close', 'connection: close\r\ncontent-length: 10\r\n\r\n12345', 'end'],
    [
      'content-length, connection: close, reset',
      'connection: close\r\ncontent-length: 10\r\n\r\n12345',
      'reset',
    ],
    ['chunked, cut between chunks', 'transfer-encoding: chunked\r\n\r\n5\r\n12345\r\n', 'end'],
    ['chunked, cut within a chunk', 'transfer-encoding: chunked\r\n\r\na\r\n12345', 'end'],
    ['chunked, then a reset', 'transfer-encoding: chunked\r\n\r\n5\r\n12345\r\n', 'reset'],
  ])('an answer cut short is a failure: %s (row 11)', async (_what, rest, cut) => {
    let cutShort = (): unknown => undefined
    const server = await rawServer((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\n${rest}`)
      cutShort = () => (cut === 'end' ? socket.end() : socket.resetAndDestroy())
    })

    const { exchange, sink } = send(make(server.origin), { origin: server.origin })
    await eventually(() => sink.body === '12345')
    cutShort()
    await sink.ended

    expect(sink.heard).toEqual(['head 200', 'data', 'failure'])
    expect(sink.body).toBe('12345')
    expect(exchange).toMatchObject({
      failureClass: 'maybe-processed',
      failureKind: 'transport',
      hasHead: true,
    })
  })

  test.each(['204 No Content', '304 Not Modified'])(
    '%s ends with its headers, whatever length they say (RFC 9112 §6.3)',
    async (status) => {
      const server = await rawServer((socket) =>
        socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 5\r\n\r\n`),
      )

      const { exchange, sink } = send(make(server.origin), { origin: server.origin })
      await sink.ended

      expect(sink.heard).toEqual([`head ${status.slice(0, 3)}`, 'end'])
      expect(exchange).toMatchObject({ failureKind: undefined, bodyBytes: 0 })
    },
  )

  test('an answer without a length ends with its connection', async () => {
    const server = await rawServer((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345'),
    )

    const { sink } = send(make(server.origin), { origin: server.origin })
    await sink.ended

    expect(sink.heard).toEqual(['head 200', 'data', 'end'])
  })

  test('an answer without a length is cut short by a reset: our pools see it (row 11)', async () => {
    let reset = (): unknown => undefined
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n12345')
      reset = () => socket.resetAndDestroy()
    })

    const { sink } = send(make(server.origin), { origin: server.origin })
    await eventually(() => sink.body === '12345')
    reset()
    await sink.ended

    // undici calls it complete, and other dispatchers show nothing more.
    expect(sink.heard.at(-1)).toBe(name === 'our pool' ? 'failure' : 'end')
    if (name === 'our pool') expect(sink.error).toMatchObject({ code: 'ECONNRESET' })
  })

  test('aborted while the answer is awaited, it fails at once and its socket is destroyed', async () => {
    const server = await rawServer(() => undefined)
    const { exchange, sink } = send(make(server.origin), { origin: server.origin })
    await eventually(() => server.requests.length === 1)

    const reason = new Error('nobody waits')
    exchange.abort(reason)

    expect(sink.heard).toEqual(['failure'])
    expect(sink.error).toBe(reason)
    expect(exchange).toMatchObject({
      aborted: true,
      reason,
      failureKind: 'aborted',
      failureClass: 'maybe-processed',
    })
    await eventually(() => server.closed.includes(1))
  })

  test('aborted without a reason, it fails with the one of undici', () => {
    const { exchange, sink } = send(make('http://127.0.0.1:1'), { origin: 'http://127.0.0.1:1' })

    exchange.abort()

    expect(sink.error).toMatchObject({ code: 'UND_ERR_ABORTED' })
    expect(exchange.aborted).toBe(true)
  })

  test('aborted before it started, it never starts', async () => {
    const server = await httpServer((_request, response) => response.end())
    const sink = new RecordingSink()
    const exchange = make(server.origin).open(sink, { clock: { now: () => 0 } as never })

    exchange.abort(new Error('no'))
    exchange.start({ origin: server.origin, path: '/', method: 'GET' }, 0)
    await bytesArrived()

    expect(sink.heard).toEqual(['failure'])
    expect(server.accepted).toBe(0)
  })

  test('aborted while it waits for a connection, it fails at once and is never written', async () => {
    let answerFirst = (): unknown => undefined
    const server = await rawServer((socket) => {
      answerFirst = () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
    const outlet = make(server.origin, 1)
    const first = send(outlet, { origin: server.origin, path: '/first' })
    const second = send(outlet, { origin: server.origin, path: '/second', method: 'POST', body: 'x' })
    await eventually(() => server.requests.length === 1)

    second.exchange.abort(new Error('gone'))

    expect(second.sink.heard).toEqual(['failure'])
    expect(second.exchange).toMatchObject({ failureClass: 'never-sent', isSent: false })
    answerFirst()
    await first.sink.ended
    await bytesArrived()
    expect(server.requests).toEqual(['GET /first'])
  })

  test('a throw of the sink ends it with that error', async () => {
    const server = await httpServer((_request, response) => response.end('x'))
    for (const method of ['onHead', 'onData', 'onEnd'] as const) {
      const sink = new RecordingSink()
      const thrown = new Error(method)
      sink[method] = () => {
        throw thrown
      }

      const { exchange } = send(make(server.origin), { origin: server.origin }, { sink })
      await sink.ended

      expect(sink.error).toBe(thrown)
      expect(exchange.reason).toBe(thrown)
      expect(sink.heard.filter((word) => word === 'failure')).toHaveLength(1)
    }
  })
})
