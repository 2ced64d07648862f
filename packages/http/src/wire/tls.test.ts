import { createServer as createHttps } from 'node:https'
import type { ServerOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { eventually, httpServer, tcpServer } from './hostile-server.model.js'
import type { TestServer } from './hostile-server.model.js'
import { TestAuthority } from './test-authority.model.js'
import { send, testPool } from './wire.model.js'
import type { Sent } from './wire.model.js'

let authority: TestAuthority
beforeAll(() => {
  authority = new TestAuthority()
})
afterAll(() => {
  authority.dispose()
})

function secure(options: ServerOptions): Promise<TestServer> {
  return httpServer(
    (request, response) => {
      response.end(`${String((request.socket as TLSSocket).servername)} ${String(request.headers.host)}`)
    },
    (listener) => createHttps(options, listener),
  )
}

async function ask(origin: string, ca: string | undefined, servername?: string): Promise<Sent> {
  const pool = testPool(origin, { tls: ca === undefined ? undefined : { ca } }, servername)
  const sent = send(pool, { origin, method: 'POST', body: 'secret' })
  await sent.sink.ended
  return sent
}

test('a certificate of the given authority, for this address, is accepted', async () => {
  const server = await secure(authority.issue('127.0.0.1'))

  const { sink } = await ask(server.origin, authority.ca)

  expect(sink.heard.at(-1)).toBe('end')
})

test('an instance known by its address is checked by the name it was given, and hears that name', async () => {
  const server = await secure(authority.issue('users.internal'))

  const { sink } = await ask(server.origin, authority.ca, 'users.internal')
  const unnamed = await ask(server.origin, authority.ca)

  expect(sink.body).toBe(`users.internal 127.0.0.1:${String(server.port)}`)
  expect(unnamed.sink.error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

test('Host and the name of the certificate are apart', async () => {
  const server = await secure(authority.issue('users.internal'))
  const pool = testPool(server.origin, { tls: { ca: authority.ca } }, 'users.internal')

  const first = send(pool, { ...server, headers: { host: 'users.example' } })
  await first.sink.ended
  const second = send(pool, { ...server, headers: { host: 'users.example' } })
  await second.sink.ended

  expect([first.sink.body, second.sink.body]).toEqual(Array(2).fill('users.internal users.example'))
  expect(server.cameOn.length).toBe(2)
})

test.each([
  ['an expired certificate', () => authority.issue('127.0.0.1', -1), 'CERT_HAS_EXPIRED'],
  ['a certificate for another name', () => authority.issue('other.example'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('%s fails, and nothing was sent (row 29)', async (_what, identity, code) => {
  const server = await secure(identity())

  const { exchange, sink } = await ask(server.origin, authority.ca)

  expect(sink.error).toMatchObject({ code })
  expect(exchange).toMatchObject({ failureClass: 'never-sent', failureKind: 'transport' })
  expect(server.requests).toEqual([])
})

test('an unknown authority fails, also when the environment says not to look (row 29, S14)', async () => {
  const server = await secure(authority.issue('127.0.0.1'))
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)

  const { exchange, sink } = await ask(server.origin, undefined)
  vi.unstubAllEnvs()

  expect(warn).toHaveBeenCalledOnce()
  expect((sink.error as NodeJS.ErrnoException).code).toMatch(/UNABLE_TO_|SELF_SIGNED/)
  expect(exchange.failureClass).toBe('never-sent')
  expect(server.requests).toEqual([])
})

test('TLS 1.1 is not spoken (row 29)', async () => {
  const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  const server = await secure({ ...authority.issue('127.0.0.1'), ...old })

  const { exchange, sink } = await ask(server.origin, authority.ca)

  expect((sink.error as NodeJS.ErrnoException).code).toMatch(/ERR_SSL_|ECONNRESET/)
  expect(exchange.failureClass).toBe('never-sent')
})

test('a server that speaks no TLS fails, and is not spoken to in plain text (row 29)', async () => {
  let heard = ''
  const server = await tcpServer((socket) => {
    socket.on('data', (chunk) => (heard += chunk.toString('latin1')))
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
  })

  const { exchange, sink } = await ask(server.origin.replace('http:', 'https:'), authority.ca)

  expect((sink.error as NodeJS.ErrnoException).code).toMatch(/ERR_SSL_/)
  expect(exchange.failureClass).toBe('never-sent')
  expect(server.accepted).toBe(1)
  expect(heard).not.toMatch(/secret|HTTP/)
})

test('a reset in the handshake is a failed connection (row 29)', async () => {
  const server = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))

  const { exchange, sink } = await ask(server.origin.replace('http:', 'https:'), authority.ca)

  expect(sink.error).toMatchObject({ code: 'ECONNRESET' })
  expect(exchange.failureClass).toBe('never-sent')
})

test('a certificate of ours that cannot be read fails the request, not the process', async () => {
  const server = await secure(authority.issue('127.0.0.1'))
  const pool = testPool(server.origin, { tls: { ca: authority.ca, cert: 'nonsense', key: 'nonsense' } })

  expect(await pool.warm(2)).toBe(0)
  const { exchange, sink } = send(pool, server)
  await sink.ended

  expect(sink.error).toBeInstanceOf(Error)
  expect(exchange.failureClass).toBe('never-sent')
  expect(pool.stats).toMatchObject({ inFlight: 0, connected: 0, connecting: 0 })
})

test('connections with TLS can be opened ahead too', async () => {
  const server = await secure(authority.issue('127.0.0.1'))
  const pool = testPool(server.origin, { tls: { ca: authority.ca } })

  expect(await pool.warm(2)).toBe(2)
  await eventually(() => server.accepted === 2)
  await send(pool, server).sink.ended

  expect(server.accepted).toBe(2)
})
