/** What an attacker would try with URLs, redirects and registries: S4, S6 and S14, on real sockets. */
import axios from 'axios'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { answering, clientOf, failureOf, server, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'
import { TestAuthority } from './wire/test-authority.model.js'

const authority = new TestAuthority()
afterAll(() => {
  authority.dispose()
})

async function secureServer(): Promise<string> {
  const https = createServer(authority.issue('127.0.0.1'), (_request, response) => response.end('secure'))
  https.listen(0, '127.0.0.1')
  await once(https, 'listening')
  onTestFinished(() => {
    https.closeAllConnections()
    https.close()
  })
  return `https://127.0.0.1:${String((https.address() as AddressInfo).port)}`
}

describe('S14: what is asked for by https', () => {
  const ways: readonly (readonly [string, (client: HttpClient) => Promise<unknown>])[] = [
    ['fetch', (client) => client.fetch('https://users/secret')],
    ['request', (client) => client.request('https://users/secret')],
    ['axios', (client) => axios.create({ adapter: client.axiosAdapter() }).get('https://users/secret')],
    ['a dispatcher', (client) => dispatched(client, 'HTTPS://users')],
    ['a dispatcher, with blanks', (client) => dispatched(client, ' https://users')],
    ['a dispatcher, by a URL', (client) => dispatched(client, new URL('https://users'))],
  ]

  test.each(ways)('by %s goes to no instance without TLS', async (_way, ask) => {
    const plain = await answering('plain')
    const client = usersOn([plain, await answering('plain')], { retry: { maxRetries: 3 } })

    const error = await failureOf(ask(client))

    expect(inspect(error)).toContain('ERR_NO_INSTANCES')
    expect(plain.got).toEqual([])
    expect(client.snapshot().services[0]).toMatchObject({
      command: { inFlight: 0 },
      balancer: { inFlight: 0 },
    })
  })

  test('goes to those that have it, however few, and by http to all', async () => {
    const [plain, other] = [await answering('plain'), await answering('plain')]
    const client = clientOf({
      tls: { ca: authority.ca },
      services: {
        users: {
          instances: [plain.url, await secureServer(), other.url],
          balancer: { strategy: 'roundRobin' },
        },
      },
    })
    const textsOf = async (url: string): Promise<string[]> => {
      const texts: string[] = []
      for (let call = 0; call < 4; call++) texts.push(await (await client.fetch(url)).text())
      return texts
    }

    expect(await textsOf('https://users/')).toEqual(Array(4).fill('secure'))
    expect(new Set(await textsOf('http://users/'))).toEqual(new Set(['plain', 'secure']))
  })
})

describe('S6: credentials', () => {
  const secret = 'hunter2'
  const bad = `http://me:${secret}@a b/`
  const ways: readonly (readonly [string, (client: HttpClient, url: string) => unknown])[] = [
    ['fetch', (client, url) => client.fetch(url)],
    ['fetch of a URL', (client, url) => client.fetch(URL.canParse(url) ? new URL(url) : url)],
    ['request', (client, url) => client.request(url)],
    ['request of parts', (client, url) => client.request({ origin: url, path: '/' } as unknown as URL)],
    ['a dispatcher', (client, url) => dispatched(client, url)],
    [
      'axios',
      // The configuration is the caller's own, and part of what axios throws.
      (client, url) =>
        client
          .axiosAdapter()({ url })
          .catch((error: Error) => Promise.reject(error.cause as Error)),
    ],
  ]

  test.each(ways)('in a URL that is given to %s are in no error, event or number', async (_way, ask) => {
    const users = await answering(503)
    const client = usersOn([users], { retry: { maxRetries: 1 }, attemptTimeoutMs: 500 })
    const told: unknown[] = []
    for (const event of ['retry', 'exhausted', 'transition'] as const)
      client.on(event, (what) => told.push(what))
    const gone = await answering('gone')
    await gone.stop()
    const urls = ['http://users/', `${gone.url}/`, 'ftp://users/'].map((url) =>
      url.replace('//', `//me:${secret}@`),
    )

    const seen: unknown[] = []
    for (const url of [bad, ...urls]) {
      const outcome = await Promise.resolve()
        .then(() => ask(client, url))
        .catch((error: unknown) => error)
      // What undici gives holds the request; it is an answer, and the caller's.
      seen.push(outcome instanceof Error ? outcome : undefined)
    }

    expect(seen[0]).toBeInstanceOf(TypeError)
    expect(inspect([seen, told, client.snapshot()], { depth: 12, showHidden: true })).not.toContain(secret)
  })

  test('do not follow a redirect to another service, but to another instance of the same', async () => {
    const answer = (location: string) =>
      answering((_request, response) => response.writeHead(307, { location }).end(), 'end', 'end')
    const [orders, users] = [await answering('orders'), await answer('http://orders/')]
    const same = await answer('/again')
    const client = clientOf({
      services: {
        users: { instances: [users.url] },
        orders: { instances: [orders.url] },
        same: { instances: [same.url] },
      },
    })
    const headers = { authorization: secret, cookie: secret, 'proxy-authorization': secret, 'x-mine': '1' }

    await (await client.fetch('http://users/', { headers })).text()
    await (await client.fetch('http://same/', { headers })).text()

    expect(orders.got[0]?.headers).toMatchObject({ 'x-mine': '1' })
    expect(inspect(orders.got)).not.toContain(secret)
    expect(same.got[1]?.headers).toMatchObject({ authorization: secret, cookie: secret })
  })
})

describe('S4: a redirect', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166/',
    'http://0xa9.0xfe.0xa9.0xfe/',
    'http://0251.0376.0251.0376/',
    'http://169.254.43518/',
    'http://169.254.169.254./',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://0.0.0.0/',
    'http://[::]/',
    'http://0/',
  ])('to %s is not connected to', async (location) => {
    const users = await answering((_request, response) => response.writeHead(302, { location }).end())

    const error = await failureOf(usersOn([users]).fetch('http://users/'))

    expect(error.cause).toMatchObject({ code: 'ERR_ADDRESS_DENIED' })
  })

  test.each(['localhost', '127.1', '0x7f000001', '[::ffff:7f00:1]', '127.0.0.1'])(
    'to %s leads nowhere where its address is not allowed',
    async (host) => {
      const inside = await answering('inside')
      const location = `http://${host}:${new URL(inside.url).port}/`
      const client = clientOf({
        addresses: { deny: ['loopback'] },
        services: {
          users: { instances: [inside.url], fallback: () => ({ status: 302, headers: { location } }) },
        },
      })

      const error = await failureOf(client.fetch('http://users/'))

      expect(error.cause).toMatchObject({ code: 'ERR_ADDRESS_DENIED' })
      expect(inside.got).toEqual([])
    },
  )

  test.each([
    ['is followed to what it says', '/a\tb?x=%0d%0ax-injected:%201', ['/', '/ab?x=%0d%0ax-injected:%201']],
    ['is not followed', '/a\u0001b', ['/']],
  ])('that is written to break a header %s, and breaks none', async (_what, location, urls) => {
    const users = await server((request, response, nth) => {
      if (nth > 1) response.end('followed')
      else request.socket.end(`HTTP/1.1 302 Found\r\nlocation: ${location}\r\ncontent-length: 0\r\n\r\n`)
    })

    const text = await usersOn([users], { retry: false })
      .fetch('http://users/')
      .then((answer) => answer.text())
      .catch(() => 'refused')

    expect(text).toBe(urls.length > 1 ? 'followed' : 'refused')
    expect(users.got.map(({ url }) => url)).toEqual(urls)
    for (const { headers } of users.got) expect(headers).not.toHaveProperty('x-injected')
  })
})

function dispatched(client: HttpClient, origin: string | URL): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.dispatcher.dispatch(
      { origin, path: '/', method: 'GET' },
      {
        onRequestStart: () => undefined,
        onResponseStart: () => {
          resolve(undefined)
        },
        onResponseError: (_controller, error) => {
          reject(error)
        },
      },
    )
  })
}
