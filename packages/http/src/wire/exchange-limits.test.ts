import { CallTimeoutError, DeadlineExceededError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import type { Exchange } from './exchange.js'
import { bytesArrived, eventually, httpServer, rawServer, tcpServer } from './hostile-server.model.js'
import { ResponseTooLargeError } from './wire-errors.js'
import { OUTLETS, RecordingSink, send } from './wire.model.js'

const OK = 'HTTP/1.1 200 OK\r\n'

describe.each(OUTLETS)('the limits of an exchange on $name', ({ make }) => {
  test('no headers in time: it fails, its socket is destroyed, and the next request gets a new one (row 9)', async () => {
    const clock = new SimClock()
    const server = await rawServer((socket, nth) => {
      if (nth !== 2) socket.write(`${OK}content-length: 0\r\n\r\n`)
    })
    const outlet = make(server.origin)
    await send(outlet, server).sink.ended

    const { exchange, sink } = send(outlet, server, { clock, headTimeoutMs: 200 })
    await eventually(() => server.requests.length === 2)
    await clock.advance(199)
    expect(sink.heard).toEqual([])
    await clock.advance(1)

    expect(sink.heard).toEqual(['failure'])
    expect(sink.error).toBeInstanceOf(CallTimeoutError)
    expect(sink.error?.message).toBe(`GET ${server.origin}: no response headers within 200 ms`)
    expect(exchange).toMatchObject({ failureKind: 'timeout', failureClass: 'maybe-processed', isSent: true })
    const [, used] = server.cameOn
    await eventually(() => server.closed.includes(used!))
    await send(outlet, server).sink.ended
    expect(server.requests).toHaveLength(3)
    expect(server.cameOn[2]).not.toBe(used)
  })

  test('no headers in time while waiting for a connection: never sent', async () => {
    const clock = new SimClock()
    const server = await rawServer(() => undefined)
    const outlet = make(server.origin, 1)
    const first = send(outlet, server)
    await eventually(() => server.requests.length === 1)

    const { exchange, sink } = send(outlet, server, { clock, headTimeoutMs: 200 })
    await clock.advance(200)

    expect(sink.error).toBeInstanceOf(CallTimeoutError)
    expect(exchange).toMatchObject({ failureKind: 'timeout', failureClass: 'never-sent', isSent: false })
    first.exchange.abort(new Error('over'))
  })

  test.each([1, 3])(
    'as long a time for the headers as for all: the whole time is over, however its end rounds (%d)',
    async (ulps) => {
      const clock = new SimClock({ startMs: 16_284 + ulps * 2 ** -39 })
      const server = await rawServer(() => undefined)

      const { sink } = send(make(server.origin), server, { clock, headTimeoutMs: 200, deadlineMs: 200 })
      await eventually(() => server.requests.length === 1)
      await clock.advance(201)

      expect(sink.error).toBeInstanceOf(DeadlineExceededError)
    },
  )

  test('a handshake that stalls ends with the limit, and nothing was sent (row 29)', async () => {
    const clock = new SimClock()
    const server = await tcpServer(() => undefined)
    const origin = server.origin.replace('http', 'https')

    const { exchange, sink } = send(make(origin), { origin }, { clock, headTimeoutMs: 200 })
    await eventually(() => server.accepted === 1)
    await clock.advance(200)

    expect(sink.error).toBeInstanceOf(CallTimeoutError)
    expect(exchange.failureClass).toBe('never-sent')
  })

  test('one byte now and then never outlives the deadline (row 15)', async () => {
    const server = await rawServer((socket) => {
      socket.write(`${OK}content-length: 1000\r\n\r\n`)
      const dripping = setInterval(() => socket.write('x'), 10)
      socket.on('end', () => clearInterval(dripping)).on('close', () => clearInterval(dripping))
    })
    const clock = new SimClock()
    const start = clock.now()

    const { exchange, sink } = send(make(server.origin), server, {
      clock,
      headTimeoutMs: 150,
      bodyIdleTimeoutMs: 100,
      deadlineMs: 200,
    })
    while (!exchange.isOver) {
      const { bodyBytes } = exchange
      await eventually(() => exchange.bodyBytes > bodyBytes)
      await clock.advance(20)
    }

    expect(clock.now() - start).toBe(200)
    expect(sink.body.length).toBeGreaterThanOrEqual(10)
    expect(sink.error).toBeInstanceOf(DeadlineExceededError)
    expect(exchange).toMatchObject({ failureKind: 'timeout', hasHead: true })
    await eventually(() => server.closed.includes(1))
  })

  test('a body that stops coming fails', async () => {
    const clock = new SimClock()
    const server = await rawServer((socket) => socket.write(`${OK}content-length: 1000\r\n\r\nx`))

    const { sink } = send(make(server.origin), server, { clock, headTimeoutMs: 50, bodyIdleTimeoutMs: 100 })
    await eventually(() => sink.body === 'x')
    await clock.advance(99)
    expect(sink.heard).toEqual(['head 200', 'data'])
    await clock.advance(1)

    expect(sink.heard).toEqual(['head 200', 'data', 'failure'])
    expect(sink.error?.message).toContain('no byte of the body for 100 ms')
    await eventually(() => server.closed.includes(1))
  })

  test('a paused receiver is no body that stops coming', async () => {
    const clock = new SimClock()
    class Slow extends RecordingSink {
      override onHead(exchange: Exchange): void {
        super.onHead(exchange)
        exchange.pause()
      }
    }
    const server = await httpServer((_request, response) => response.end('x'.repeat(100)))

    const { exchange, sink } = send(make(server.origin), server, {
      clock,
      bodyIdleTimeoutMs: 100,
      sink: new Slow(),
    })
    await eventually(() => sink.heard.length === 1)
    await clock.advance(1_000)
    expect(sink.heard).toEqual(['head 200'])
    exchange.resume()
    await sink.ended

    expect(sink.body).toHaveLength(100)
    expect(sink.error).toBeUndefined()
  })

  test('the body has a time of its own, from the headers on', async () => {
    const clock = new SimClock()
    const server = await rawServer((socket) => socket.write(`${OK}content-length: 1000\r\n\r\nx`))

    const { sink } = send(make(server.origin), server, {
      clock,
      headTimeoutMs: 50,
      bodyTimeoutMs: 300,
      deadlineMs: 200,
      deadlineCoversBody: false,
    })
    await eventually(() => sink.body === 'x')
    await clock.advance(299)
    expect(sink.error).toBeUndefined()
    await clock.advance(1)

    expect(sink.error?.message).toContain('the body did not end within 300 ms')
  })

  test('an endless body ends at the cap (row 16)', async () => {
    const chunk = Buffer.alloc(16_384, 'x')
    let sentBytes = 0
    const server = await httpServer((_request, response) => {
      const more = (): void => {
        if (response.destroyed) return
        sentBytes += chunk.length
        if (response.write(chunk)) setImmediate(more)
        else response.once('drain', more)
      }
      more()
    })

    const { exchange, sink } = send(make(server.origin), server, { maxBodyBytes: 100_000 })
    await sink.ended

    expect(sink.error).toBeInstanceOf(ResponseTooLargeError)
    expect(sink.error).toMatchObject({ code: 'ERR_RESPONSE_TOO_LARGE', limitBytes: 100_000 })
    expect(exchange.failureKind).toBe('limit')
    expect(sink.body.length).toBeLessThanOrEqual(100_000)
    expect(sentBytes).toBeGreaterThan(100_000)
    await eventually(() => server.closed.includes(1))
  })

  test('a body of exactly the allowed size passes', async () => {
    const server = await httpServer((_request, response) => response.end('x'.repeat(1_000)))

    const { sink } = send(make(server.origin), server, { maxBodyBytes: 1_000 })
    await sink.ended

    expect(sink.error).toBeUndefined()
    expect(sink.body).toHaveLength(1_000)
  })

  test('no time left: nothing is sent', async () => {
    const server = await httpServer((_request, response) => response.end())

    const { exchange, sink } = send(make(server.origin), server, { deadlineMs: 0 })

    expect(sink.error).toBeInstanceOf(DeadlineExceededError)
    expect(exchange.failureClass).toBe('never-sent')
    await bytesArrived()
    expect(server.accepted).toBe(0)
  })
})
