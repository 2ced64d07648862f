import { CallTimeoutError } from '@breakwater/kernel'
import { SimClock } from '@breakwater/testing'
import { describe, expect, test } from 'vitest'
import { bytesArrived, eventually, httpServer, rawServer } from './hostile-server.model.js'
import { OUTLETS, send } from './wire.model.js'

const OK = 'HTTP/1.1 200 OK\r\n'
const EMPTY = `${OK}content-length: 0\r\n\r\n`

describe.each(OUTLETS)('hostile answers on $name', ({ make }) => {
  test.each([
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['a header that never ends', `${OK}x-large: ${'x'.repeat(1_048_576)}`],
    ['too many headers', `${OK}${'x-many: y\r\n'.repeat(20_000)}`],
    ['two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`],
    ['a length and chunks', `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\nhello`],
    ['a length that is none', `${OK}content-length: -1\r\n\r\n`],
    ['a NUL in a header', `${OK}x: a\0b\r\n\r\n`],
    ['a status that is none', 'HTTP/1.1 99999 OK\r\n\r\n'],
    ['a line feed in a name', `${OK}a\nb: c\r\ncontent-length: x\r\n\r\n`],
  ])('%s is a failure before any headers (row 19)', async (_what, answer) => {
    const server = await rawServer((socket) => socket.write(answer))

    const { exchange, sink } = send(make(server.origin), server)
    await sink.ended

    expect(sink.heard).toEqual(['failure'])
    expect(exchange).toMatchObject({
      failureClass: 'maybe-processed',
      failureKind: 'transport',
      statusCode: 0,
    })
    await eventually(() => server.closed.includes(1))
  })

  test.each([
    ['a chunk without a size', 'hello\r\n'],
    ['a chunk of a size beyond all bounds', 'ffffffffffffffffff\r\n'],
    ['a chunk that is longer than it says', '1\r\nhello\r\n'],
  ])('%s ends the body in failure (row 19)', async (_what, chunk) => {
    const server = await rawServer((socket) =>
      socket.write(`${OK}transfer-encoding: chunked\r\n\r\n${chunk}`),
    )

    const { sink } = send(make(server.origin), server)
    await sink.ended

    expect(sink.heard.at(-1)).toBe('failure')
    expect(sink.heard).not.toContain('end')
  })

  test('answers without end that are not final do not put off the limit', async () => {
    const clock = new SimClock()
    let sent = 0
    const server = await rawServer((socket) => {
      const timer = setInterval(() => {
        sent++
        socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\n\r\n')
      }, 2)
      socket.on('end', () => clearInterval(timer)).on('close', () => clearInterval(timer))
    })

    const { sink } = send(make(server.origin), server, { clock, headTimeoutMs: 100 })
    for (let round = 1; round <= 10; round++) {
      await eventually(() => sent > round)
      await clock.advance(10)
    }

    expect(sink.error).toBeInstanceOf(CallTimeoutError)
    expect(clock.now()).toBe(100)
    await eventually(() => server.closed.includes(1))
  })

  test('an answer before the request, on an unused connection, belongs to nobody', async () => {
    const server = await rawServer((socket, nth) => {
      socket.write(nth === 1 ? `${EMPTY}${OK}content-length: 5\r\n\r\nevil!` : EMPTY)
    })
    const outlet = make(server.origin, 1)
    await send(outlet, server).sink.ended
    await bytesArrived()

    const { sink } = send(outlet, server)
    await sink.ended

    expect(sink.body).toBe('')
    expect(server.cameOn).toEqual([1, 2])
  })

  test('an answer that comes too late is heard by nobody, and the next request gets its own', async () => {
    const clock = new SimClock()
    let answerLate = (): unknown => undefined
    const server = await httpServer((request, response) => {
      const answer = (): unknown => response.end(request.url)
      if (request.url === '/slow') answerLate = answer
      else answer()
    })
    const outlet = make(server.origin, 1)
    const slow = send(outlet, { ...server, path: '/slow' }, { clock, headTimeoutMs: 100 })
    await eventually(() => server.requests.length === 1)
    await clock.advance(100)

    const next = send(outlet, { ...server, path: '/next' })
    await next.sink.ended
    answerLate()
    await bytesArrived()

    expect(slow.sink.heard).toEqual(['failure'])
    expect(next.sink.body).toBe('/next')
  })

  test.each([201, 204, 302, 401, 404, 429, 500, 503])(
    'status %d is an answer like any other (row 21)',
    async (status) => {
      const headers = { location: 'http://169.254.169.254/', 'retry-after': '1', 'content-type': 'text/html' }
      const server = await httpServer((_request, response) => response.writeHead(status, headers).end())

      const { exchange, sink } = send(make(server.origin), server)
      await sink.ended

      expect(sink.heard.at(0)).toBe(`head ${String(status)}`)
      expect(sink.heard.at(-1)).toBe('end')
      expect(exchange.headers['location']).toBe(headers.location)
      expect(server.requests).toHaveLength(1)
    },
  )
})
