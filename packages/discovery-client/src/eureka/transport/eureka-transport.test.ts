import { systemClock } from '@breakwater/kernel'
import type { Clock } from '@breakwater/kernel'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { freePort } from '../../../../../servers/free-ports.ts'
import { info } from '../core/registry/registry.model.js'
import {
  cancelRequest,
  deltaRequest,
  fullRequest,
  heartbeatRequest,
  instanceRequest,
  registerRequest,
} from '../core/wire/requests.js'
import type { EurekaRequest } from '../core/wire/requests.js'
import { eventually, hostileServer, json } from '../../transport/hostile-server.model.js'
import type { Answer } from '../../transport/hostile-server.model.js'
import { transportTo } from './transport.model.js'

const EMPTY = { applications: { application: [] } }
const beat = heartbeatRequest({ app: 'A', instanceId: 'a1', status: 'UP', lastDirtyTimestamp: 1 })
const good: Answer = (_request, response) => {
  json(response, EMPTY)
}
const status =
  (code: number, body = '', headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(code, headers).end(body)
const brokenOff: Answer = (_request, response) => {
  response.writeHead(404, { 'content-length': '9' }).write('x', () => response.destroy())
}
const identity = (value: unknown): unknown => value

describe('an operation', () => {
  test('goes to the next server when one hangs and one refuses, and stays with the one that answers', async () => {
    const hanging = await hostileServer(() => undefined)
    const working = await hostileServer(good)
    const refusing = `http://127.0.0.1:${String(await freePort())}/eureka/`
    const transport = transportTo([hanging.url, refusing, working.url], {
      connectTimeoutMs: 500,
      readTimeoutMs: 500,
    })

    const first = await transport.send('query', fullRequest(), identity)
    const second = await transport.send('query', fullRequest(), identity)

    expect(first).toMatchObject({ verdict: 'success', status: 200, value: EMPTY })
    expect(second.server.base).toBe(working.url)
    expect(hanging.requests).toHaveLength(1)
    expect(working.requests).toHaveLength(2)
    expect(transport.read().requests).toEqual([
      { operation: 'full', outcome: 'timeout', count: 1 },
      { operation: 'full', outcome: 'failed', count: 1 },
      { operation: 'full', outcome: 'success', count: 2 },
    ])
  })

  test('remembers servers for registration and for queries apart', async () => {
    const readOnly = await hostileServer((request, response) => {
      if (request.method === 'GET') json(response, EMPTY)
      else response.writeHead(503).end()
    })
    const other = await hostileServer(good)
    const transport = transportTo([readOnly.url, other.url])

    await transport.send('query', fullRequest(), identity)
    await transport.send('registration', beat)
    await transport.send('query', fullRequest(), identity)

    expect(readOnly.requests.filter((line) => line.startsWith('GET'))).toHaveLength(2)
    expect(other.requests).toEqual(['PUT /eureka/apps/A/a1?status=UP&lastDirtyTimestamp=1'])
  })

  test('is over after three attempts, with the last failure as cause', async () => {
    const servers = await Promise.all([500, 503, 401, 500].map((code) => hostileServer(status(code))))
    const transport = transportTo(servers.map(({ url }) => url))

    const error: unknown = await transport.send('query', fullRequest(), identity).catch(identity)

    expect(error).toMatchObject({
      code: 'ERR_REGISTRY_NO_SERVER',
      cause: { code: 'ERR_REGISTRY_STATUS', message: `${servers[2]!.url} answered 401 to full` },
    })
    expect(servers.map(({ requests }) => requests.length)).toEqual([1, 1, 1, 0])
    expect(transport.read().quarantined).toBe(3)
  })

  test.each([
    ['7', 7_000],
    ['Thu, 01 Jan 1970 00:01:05 GMT', 5_000],
  ])('tells how long a server that is overloaded asks to wait: %s', async (after, retryAfterMs) => {
    const server = await hostileServer(status(429, '', { 'retry-after': after }))
    const clock: Clock = { ...systemClock, epochNow: () => 60_000 }

    await expect(transportTo([server.url], { clock }).send('query', deltaRequest())).rejects.toMatchObject({
      retryAfterMs,
    })
    expect(server.requests).toHaveLength(1)
  })

  test('has a typed error when no server is known', async () => {
    await expect(transportTo([]).send('query', fullRequest())).rejects.toMatchObject({
      code: 'ERR_REGISTRY_NO_SERVER',
    })
  })

  test.each<[string, EurekaRequest, Answer, string]>([
    [
      'a heartbeat, 404 with HTML',
      beat,
      status(404, '<html>', { 'content-type': 'text/html' }),
      'unknown-instance',
    ],
    ['a heartbeat, 404 with JSON', beat, status(404, '{"status":404}'), 'unknown-instance'],
    ['a heartbeat, 404 and nothing', beat, status(404), 'unknown-instance'],
    [
      'a heartbeat, 404 packed oddly',
      beat,
      status(404, 'x', { 'content-encoding': 'br' }),
      'unknown-instance',
    ],
    [
      'a heartbeat, 404 packed badly',
      beat,
      status(404, 'x', { 'content-encoding': 'gzip' }),
      'unknown-instance',
    ],
    ['a heartbeat, 404 at length', beat, status(404, 'x'.repeat(100_000)), 'unknown-instance'],
    ['a heartbeat, 404 broken off', beat, brokenOff, 'unknown-instance'],
    ['a delta, 403', deltaRequest(), status(403), 'no-delta'],
    ['a delta, 404', deltaRequest(), status(404), 'no-delta'],
    ['a delta without a body', deltaRequest(), status(200), 'no-delta'],
    ['a cancellation, 500', cancelRequest({ app: 'A', instanceId: 'a1' }), status(500), 'success'],
    ['a lookup, 404', instanceRequest({ app: 'A', instanceId: 'a1' }), status(404), 'absent'],
  ])('understands %s', async (_what, request, answer, verdict) => {
    const server = await hostileServer(answer)

    expect(await transportTo([server.url]).send('query', request, identity)).toMatchObject({ verdict })
    expect(server.requests).toHaveLength(1)
  })

  test.each<[string, string | Buffer]>([
    ['a page of a proxy', '<!doctype html><title>Sign in</title>'],
    ['XML', '<?xml version="1.0"?><applications/>'],
    ['cut JSON', '{"applications":{"application":[{"na'],
    ['nothing', ''],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a NUL', '{"a":"\u0000"}'],
  ])('takes %s for a failure of the server', async (_what, body) => {
    const broken = await hostileServer((_request, response) => response.writeHead(200).end(body))
    const working = await hostileServer(good)
    const transport = transportTo([broken.url, working.url])

    expect(await transport.send('query', fullRequest(), identity)).toMatchObject({ value: EMPTY })
    expect(broken.requests).toHaveLength(1)
    await expect(transportTo([broken.url]).send('query', fullRequest(), identity)).rejects.toMatchObject({
      cause: { code: 'ERR_REGISTRY_BODY' },
    })
  })

  test.each<[string, EurekaRequest, string]>([
    ['a registration', registerRequest(info('a')), '<!doctype html><title>Sign in</title>'],
    ['a heartbeat', beat, '\ufeff\r\n <HTML lang="en">Down for maintenance'],
    ['a cancellation', cancelRequest({ app: 'A', instanceId: 'a1' }), '<!DOCTYPE  html>'],
  ])('does not take the page of a proxy for the success of %s', async (_what, request, page) => {
    const proxy = await hostileServer(status(200, page))
    const server = await hostileServer(status(200, '<ok/>'))

    const answer = await transportTo([proxy.url, server.url]).send('registration', request)

    expect(answer.server.base).toBe(server.url)
    await expect(transportTo([proxy.url]).send('registration', request)).rejects.toMatchObject({
      cause: { code: 'ERR_REGISTRY_BODY', message: `${proxy.url}: the answer is a page of HTML` },
    })
  })

  test('reads JSON behind a byte order mark', async () => {
    const server = await hostileServer(status(200, '\ufeff{"applications":{"application":[]}}'))

    expect(await transportTo([server.url]).send('query', fullRequest(), identity)).toMatchObject({
      value: EMPTY,
    })
  })

  test('never repeats what a server said in its error', async () => {
    const server = await hostileServer(status(200, '{"password":"hunter2'))

    const error: unknown = await transportTo([server.url])
      .send('query', fullRequest(), identity)
      .catch(identity)

    expect(JSON.stringify([error, (error as Error).cause])).not.toContain('hunter2')
  })
})

describe('credentials', () => {
  test('go to their own server only, decoded, and appear in no error', async () => {
    const first = await hostileServer(status(500))
    const second = await hostileServer(status(500))
    const secret = first.url.replace('//', '//user:s%40c%3Aret@')

    const error: unknown = await transportTo([secret, second.url])
      .send('query', fullRequest())
      .catch(identity)

    const sent = Buffer.from(first.headers[0]!.authorization!.slice('Basic '.length), 'base64').toString()
    expect(sent).toBe('user:s@c:ret')
    expect(second.headers[0]).not.toHaveProperty('authorization')
    expect(`${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`).not.toMatch(
      /s@c|s%40c|dXNlc/,
    )
  })
})

describe('a redirect', () => {
  const toward =
    (location: () => string): Answer =>
    (_request, response: ServerResponse) =>
      response.writeHead(302, { location: location() }).end()

  test('is followed to a server of the list, which is asked directly from then on', async () => {
    const peer = await hostileServer(good)
    const first = await hostileServer(toward(() => `${peer.url}apps/`))
    const transport = transportTo([first.url, peer.url])

    await transport.send('query', fullRequest(), identity)
    await transport.send('query', fullRequest(), identity)

    expect(first.requests).toHaveLength(1)
    expect(peer.requests).toHaveLength(2)
  })

  test('to elsewhere is not followed, and takes no credentials along where it is', async () => {
    const elsewhere = await hostileServer(good)
    const first = await hostileServer(toward(() => `${elsewhere.url}apps/`))
    const url = first.url.replace('//', '//user:secret@')

    await expect(transportTo([url]).send('query', fullRequest(), identity)).rejects.toMatchObject({
      cause: { code: 'ERR_REGISTRY_REDIRECT' },
    })
    expect(elsewhere.requests).toEqual([])

    await transportTo([url], { redirects: 'any' }).send('query', fullRequest(), identity)
    expect(first.headers[0]).toHaveProperty('authorization')
    expect(elsewhere.headers).toHaveLength(1)
    expect(elsewhere.headers[0]).not.toHaveProperty('authorization')
  })

  test('in a circle ends', async () => {
    let hop = 0
    const server = await hostileServer(toward(() => `/hop${String(++hop)}/apps/`))
    const circle = await hostileServer(toward(() => '/eureka/apps/'))

    const errors = await Promise.all(
      [server, circle].map(({ url }) => transportTo([url]).send('query', fullRequest()).catch(identity)),
    )

    expect(errors).toMatchObject([
      { cause: { code: 'ERR_REGISTRY_REDIRECT' } },
      { cause: { code: 'ERR_REGISTRY_REDIRECT' } },
    ])
    expect(server.requests).toHaveLength(11)
    expect(circle.requests).toHaveLength(1)
  })
})

test('closing ends an operation at once, without trying the other servers', async () => {
  const hanging = await hostileServer(() => undefined)
  const other = await hostileServer(good)
  const transport = transportTo([hanging.url, other.url])
  const sending = transport.send('query', fullRequest())
  const failed = expect(sending).rejects.toMatchObject({ code: 'ERR_REGISTRY_STOPPED' })
  await eventually(() => hanging.requests.length === 1)

  await transport.close()

  await failed
  expect(other.requests).toEqual([])
  await eventually(() => hanging.connections() === 0)
})
