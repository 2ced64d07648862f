import { createServer as createHttps } from 'node:https'
import { createServer as createTcp } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Exchange } from './exchange.js'
import { PATIENT, QUICK } from './exchange.model.js'
import type { ExchangeOptions } from './exchange.js'
import { eventually, hostileServer, json } from './hostile-server.model.js'
import { ServiceUrl } from './service-url.js'
import { createTestAuthority } from './test-authority.model.js'
import type { TestAuthority } from './test-authority.model.js'

let authority: TestAuthority
beforeAll(() => {
  authority = createTestAuthority()
})
afterAll(() => {
  authority.dispose()
})

function send(
  url: string,
  tls?: ExchangeOptions['tls'],
  limits: Partial<ExchangeOptions> = {},
): Promise<unknown> {
  const exchange = new Exchange({ ...PATIENT, ...limits, tls })
  onTestFinished(() => exchange.close())
  const server = ServiceUrl.parse(url, 'defaultZone')!
  return exchange
    .send({ server, method: 'GET', path: '/eureka/apps/', headers: {} })
    .then(({ body }) => body.toString())
}

const answering = (_request: unknown, response: Parameters<typeof json>[0]): void => {
  json(response, 'secret')
}

test('accepts a certificate of the authority it was given', async () => {
  const server = await hostileServer(answering, (listener) =>
    createHttps(authority.issue({ name: '127.0.0.1' }), listener),
  )

  await expect(send(server.url, { ca: authority.ca })).resolves.toBe('"secret"')
})

test('shows its own certificate to a server that asks for one', async () => {
  const server = await hostileServer(answering, (listener) =>
    createHttps(
      {
        ...authority.issue({ name: '127.0.0.1' }),
        ca: authority.ca,
        requestCert: true,
        rejectUnauthorized: true,
      },
      listener,
    ),
  )

  await expect(send(server.url, { ca: authority.ca, ...authority.issue({ name: 'client' }) })).resolves.toBe(
    '"secret"',
  )
  await expect(send(server.url, { ca: authority.ca })).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
  })
  expect(server.requests).toHaveLength(1)
})

test.each<[string, () => Parameters<TestAuthority['issue']>[0], boolean, string]>([
  ['for another name', () => ({ name: 'elsewhere.example' }), true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['that has expired', () => ({ name: '127.0.0.1', expired: true }), true, 'CERT_HAS_EXPIRED'],
  [
    'of an authority it does not know',
    () => ({ name: '127.0.0.1' }),
    false,
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ],
])('refuses a certificate %s (row 29, S14)', async (_what, request, knowsAuthority, code) => {
  const server = await hostileServer(answering, (listener) =>
    createHttps(authority.issue(request()), listener),
  )

  const sending = send(server.url, knowsAuthority ? { ca: authority.ca } : {})

  await expect(sending).rejects.toMatchObject({ code: 'ERR_REGISTRY_UNREACHABLE', cause: { code } })
  expect(server.requests).toEqual([])
})

test('refuses a protocol older than TLS 1.2 (row 29, S14)', async () => {
  const server = await hostileServer(answering, (listener) =>
    createHttps(
      {
        ...authority.issue({ name: '127.0.0.1' }),
        minVersion: 'TLSv1.1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      },
      listener,
    ),
  )

  await expect(send(server.url, { ca: authority.ca })).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
  })
  expect(server.accepted).toBe(1)
})

test('never falls back to plain text (row 29, S14)', async () => {
  const server = await hostileServer(answering)

  await expect(send(server.url.replace('http:', 'https:'))).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
  })
  expect(server.requests).toEqual([])
})

/** A server that takes connections and says nothing. */
async function silentServer(
  hear: (socket: Socket) => unknown = () => undefined,
): Promise<{ url: string; open: () => number }> {
  let open = 0
  const server = createTcp((socket) => {
    open++
    socket
      .on('data', () => hear(socket))
      .on('error', () => undefined)
      .on('close', () => open--)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { url: `https://127.0.0.1:${String(port)}/`, open: () => open }
}

test('a handshake that is reset is a typed error (row 29)', async () => {
  const { url, open } = await silentServer((socket) => socket.resetAndDestroy())

  await expect(send(url)).rejects.toMatchObject({
    code: 'ERR_REGISTRY_UNREACHABLE',
    cause: { code: 'ECONNRESET' },
  })

  await eventually(() => open() === 0)
})

test('leaves a handshake that stalls when the time is over, with its socket (row 29)', async () => {
  const { url, open } = await silentServer()

  await expect(send(url, undefined, QUICK)).rejects.toMatchObject({ code: 'ERR_REGISTRY_TIMEOUT' })

  await eventually(() => open() === 0)
})

test('closing ends a socket that is still being opened, long before its time is over', async () => {
  const { url, open } = await silentServer()
  const exchange = new Exchange(PATIENT)
  const sending = exchange.send({
    server: ServiceUrl.parse(url, 'z')!,
    method: 'GET',
    path: '/',
    headers: {},
  })
  const failed = expect(sending).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  await eventually(() => open() === 1)

  await exchange.close()

  await failed
  await eventually(() => open() === 0)
  expect(exchange.sockets).toBe(0)
})
