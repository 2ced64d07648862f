import type { Socket } from 'node:net'
import { createGzip, gzipSync } from 'node:zlib'
import { SimClock } from '@breakwater/testing'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../../../servers/free-ports.ts'
import { Exchange } from './exchange.js'
import { PATIENT } from './exchange.model.js'
import type { ExchangeOptions, HttpAnswer, HttpRequest } from './exchange.js'
import { eventually, hostileServer, json } from './hostile-server.model.js'
import type { Answer, HostileServer } from './hostile-server.model.js'
import { ServiceUrl } from './service-url.js'

function exchange(options: Partial<ExchangeOptions> = {}): Exchange {
  const created = new Exchange({ ...PATIENT, ...options })
  onTestFinished(() => created.close())
  return created
}

function get(server: Pick<HostileServer, 'url'>, path = '/eureka/apps/'): HttpRequest {
  const url = ServiceUrl.parse(server.url, 'defaultZone')!
  return {
    server: url,
    method: 'GET',
    path,
    headers: { accept: 'application/json', 'accept-encoding': 'gzip' },
  }
}

function send(answer: Answer, options?: Partial<ExchangeOptions>): Promise<HttpAnswer> {
  return hostileServer(answer).then((server) => exchange(options).send(get(server)))
}

test('brings status, content type and body', async () => {
  const answer = await send((_request, response) => {
    json(response, { hello: 'wörld' }, 404)
  })

  expect(answer).toMatchObject({ status: 404, contentType: 'application/json' })
  expect(answer.body.toString()).toBe('{"hello":"wörld"}')
})

test('unpacks gzip, asked for or not', async () => {
  const answer = await send((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'))
  })

  expect(answer.body.toString()).toBe('packed')
})

test('follows no redirect by itself', async () => {
  const answer = await send((_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
  })

  expect(answer).toMatchObject({ status: 302, location: 'http://127.0.0.1:1/' })
})

test.each<[string, Answer]>([
  ['never answers', () => undefined],
  [
    'sends half a body and falls silent',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
    },
  ],
  [
    'sends a byte now and then, for ever',
    (_request, response) => {
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => {
        clearInterval(timer)
      })
    },
  ],
  [
    'sends a header now and then, for ever',
    (_request, response) => {
      response.socket!.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => response.socket!.write('x-more: 1\r\n'), 20)
      response.socket!.on('close', () => {
        clearInterval(timer)
      })
    },
  ],
])('E13: a server that %s is left when the time is over', async (_how, answer) => {
  const server = await hostileServer(answer)
  const clock = new SimClock()
  let error: unknown

  const sent = exchange({ ...PATIENT, clock })
    .send(get(server))
    .catch((reason: unknown) => {
      error = reason
    })
  await eventually(() => server.requests.length === 1)
  await clock.advance(PATIENT.connectTimeoutMs + PATIENT.readTimeoutMs - 1)
  expect(error).toBeUndefined()
  await clock.advance(1)
  await sent

  expect(error).toMatchObject({ name: 'RegistryError', code: 'ERR_REGISTRY_TIMEOUT', status: 502 })
  expect(server.requests).toHaveLength(1)
  await eventually(() => server.connections() === 0)
})

test('E13: an endless body is left at the limit of bytes', async () => {
  let sent = 0
  const server = await hostileServer((_request, response) => {
    const chunk = Buffer.alloc(16 * 1_024)
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length
    }
    response.on('drain', more)
    more()
  })

  await expect(exchange().send(get(server))).rejects.toMatchObject({ code: 'ERR_REGISTRY_TOO_LARGE' })

  expect(sent).toBeGreaterThan(64 * 1_024)
  await eventually(() => server.connections() === 0)
})

test('E13: ten gigabytes in a small gzip never come to be', async () => {
  let unpacked = 0
  const before = process.memoryUsage().rss
  const server = await hostileServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    const gzip = createGzip()
    gzip.pipe(response)
    const zeros = Buffer.alloc(1_024 * 1_024)
    const more = (): void => {
      if (response.destroyed || unpacked >= 10 * 2 ** 30) gzip.end()
      else {
        unpacked += zeros.length
        gzip.write(zeros, more)
      }
    }
    more()
  })

  const sending = exchange({ maxBodyBytes: 32 * 1_024 }).send(get(server))

  await expect(sending).rejects.toMatchObject({ code: 'ERR_REGISTRY_TOO_LARGE' })
  expect(unpacked).toBeGreaterThan(16 * 2 ** 20)
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20)
})

test('a body that is small as sent and large when unpacked is refused', async () => {
  const bomb = gzipSync(Buffer.alloc(10 * 2 ** 20))
  expect(bomb.length).toBeLessThan(64 * 1_024)

  const sending = send((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
  })

  await expect(sending).rejects.toMatchObject({ code: 'ERR_REGISTRY_TOO_LARGE' })
})

test.each<[string, Answer, string]>([
  [
    'cut gzip',
    (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000)).subarray(0, 20))
    },
    'ERR_REGISTRY_BODY',
  ],
  [
    'a coding that nobody asked for',
    (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'br' }).end('x')
    },
    'ERR_REGISTRY_BODY',
  ],
  [
    'a connection that breaks within the body',
    (_request, response) => {
      response
        .writeHead(200, { 'content-length': '100' })
        .write('half', () => response.socket!.resetAndDestroy())
    },
    'ERR_REGISTRY_UNREACHABLE',
  ],
  [
    'an end before the end of the body',
    (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.socket!.end())
    },
    'ERR_REGISTRY_UNREACHABLE',
  ],
  [
    'something that is no HTTP',
    (_request, response) => response.socket!.end('SSH-2.0-OpenSSH_9.6\r\n'),
    'ERR_REGISTRY_UNREACHABLE',
  ],
  [
    'headers without end',
    (_request, response) => response.socket!.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(2 ** 20)}\r\n\r\n`),
    'ERR_REGISTRY_UNREACHABLE',
  ],
])('%s is a typed error', async (_what, answer, code) => {
  await expect(send(answer)).rejects.toMatchObject({ name: 'RegistryError', code })
})

test('a refused connection is a typed error, before its time is over', async () => {
  const port = await freePort()

  const sending = exchange().send(get({ url: `http://127.0.0.1:${String(port)}/eureka/` }))

  await expect(sending).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
    cause: { code: 'ECONNREFUSED' },
  })
})

test('a kept connection that the server closed meanwhile is no fault of the server', async () => {
  const server = await hostileServer((_request, response) => {
    if (server.accepted === 1 && server.requests.length === 2) response.socket!.resetAndDestroy()
    else json(response, server.requests.length)
  })
  const sender = exchange({ maxConnectionsPerServer: 1 })
  await sender.send(get(server))

  const answer = await sender.send(get(server))

  expect(answer.body.toString()).toBe('3')
  expect(server.accepted).toBe(2)
})

test('E13: both tries of a request on a kept connection have one time together', async () => {
  let kept: Socket | undefined
  const server = await hostileServer((request, response) => {
    kept ??= request.socket
    if (server.requests.length === 1) json(response, {})
  })
  const clock = new SimClock()
  const sender = exchange({ clock, maxConnectionsPerServer: 1 })
  await sender.send(get(server))

  const sending = sender.send(get(server)).catch((error: unknown) => error)
  await eventually(() => server.requests.length === 2)
  await clock.advance(14_900)
  kept?.resetAndDestroy()
  await eventually(() => server.requests.length === 3)
  await clock.advance(100)

  expect(await sending).toMatchObject({ code: 'ERR_REGISTRY_TIMEOUT' })
})

test('a fresh connection that breaks is not tried again here', async () => {
  const server = await hostileServer((_request, response) => response.socket!.resetAndDestroy())

  await expect(exchange().send(get(server))).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE' })

  expect(server.requests).toHaveLength(1)
})

test('T2: an answer that was there in time is no timeout, however late the loop sees it', async () => {
  const server = await hostileServer((_request, response) => {
    response.writeHead(200).end('in time')
    if (server.requests.length === 1) return
    // The answer is on its way; then nothing moves for longer than the limit.
    setImmediate(() => {
      const until = performance.now() + 4_500
      while (performance.now() < until);
    })
  })
  const sender = exchange({ connectTimeoutMs: 2_000, readTimeoutMs: 2_000 })
  // The connection is there, so that nothing but the answer is waited for.
  await sender.send(get(server))

  expect((await sender.send(get(server))).body.toString()).toBe('in time')
})

test('close ends what is under way and every socket', async () => {
  const server = await hostileServer(() => undefined)
  const sender = exchange()
  const sending = sender.send(get(server))
  const failed = expect(sending).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  await eventually(() => server.requests.length === 1)

  await sender.close()

  await failed
  expect(sender.size).toBe(0)
  await eventually(() => server.connections() === 0)
  await expect(sender.send(get(server))).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
})

test('without time for idle connections, each request has one of its own', async () => {
  const server = await hostileServer((_request, response) => json(response, {}))
  const asking = exchange({ idleTimeoutMs: 0 })

  for (let request = 0; request < 3; request++) await asking.send(get(server))

  expect(server.accepted).toBe(3)
  await eventually(() => asking.sockets === 0)
})
