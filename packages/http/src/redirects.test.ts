/** What an answer can make of the next request by its `Location`: S3, S5, S14, and loops without end. */
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answering, clientOf, failureOf, isAtRest, server, usersOn } from './fleet.model.js'
import { listening } from './matrix.model.js'
import { eventually, rawServer } from './wire/hostile-server.model.js'
import { TestAuthority } from './wire/test-authority.model.js'

/** Answers its first request with these headers, others with 200; `heard`: the requests, as they came. */
async function saying(headers: string): Promise<{ readonly url: string; readonly heard: string[] }> {
  const heard: string[] = []
  const listener = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        const isFirst = heard.push(bytes.toString('latin1')) === 1
        const head = isFirst ? `HTTP/1.1 302 Found\r\n${headers}` : 'HTTP/1.1 200 OK'
        socket.write(`${head}\r\ncontent-length: 0\r\n\r\n`, 'latin1')
      })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void listener.close())
  return { url: `http://127.0.0.1:${String((listener.address() as AddressInfo).port)}`, heard }
}

/** A request line, and headers by what a header may be, to the last byte. */
const WELL_FORMED = /^GET \/[!-~]* HTTP\/1\.1\r\n(?:[!-9;-~]+: [\t -~\x80-\xff]*\r\n)+\r\n$/

describe('S5: a location adds nothing to the request that follows it', () => {
  const injected = 'x-injected: 1'

  test.each([
    ['a line break, encoded', `/a%0d%0a${injected}`],
    ['a line break, encoded twice', `/a%250d%250a${injected}`],
    ['a whole request, encoded', `/a%20HTTP/1.1%0d%0a${injected}%0d%0a%0d%0aGET%20/b`],
    ['a carriage return', `/a\r${injected}`],
    ['a line feed', `/a\n${injected}`],
    ['a line break', `/a\r\n${injected}`],
    ['a line break, folded', `/a\r\n ${injected}`],
    ['a NUL', `/a\0${injected}`],
    ['blanks', '/a HTTP/1.1 b'],
    ['tabs', `/a\tb`],
    ['what is no ASCII', '/\u00e4\u00ff'],
    ['a line break in the query', `/?q=%0d%0a${injected}`],
    ['a line break in the fragment', `/#%0d%0a${injected}`],
    ['a line break in the host', `http://users%0d%0a${injected}/`],
    ['a line break in the user', `http://u%0d%0a${injected}@users/`],
  ])('%s', async (_what, location) => {
    const { url, heard } = await saying(`location: ${location}`)
    const client = usersOn([url], { retry: false })

    await client.fetch('http://users/').catch((error: unknown) => error)

    expect(heard.length).toBeGreaterThan(0)
    // What is encoded stays so.
    if (location.startsWith('/a%'))
      expect(heard[1]).toContain(`GET ${location.replaceAll(' ', '%20')} HTTP/1.1`)
    for (const request of heard) {
      expect(request).toMatch(WELL_FORMED)
      expect(request).not.toMatch(/^x-injected/im)
    }
    await isAtRest(client)
  })
})

test.each([
  'file:///etc/passwd',
  'data:text/plain,x',
  'blob:http://users/x',
  'about:blank',
  'ftp://users/',
  'ws://users/',
  'javascript:1',
  '//',
  'http://',
  'http://users:99999/',
  'http://me:secret@users/',
])('a redirect to %s is no answer, leads nowhere, and is not shown', async (location) => {
  const { url, heard } = await saying(`location: ${location}`)
  const client = usersOn([url], { retry: false })

  const error = await failureOf(client.fetch('http://users/'))

  expect(error).toBeInstanceOf(TypeError)
  expect(String(error.cause)).not.toContain('secret')
  expect(heard).toHaveLength(1)
  await isAtRest(client)
})

test('redirects in a circle end after twenty', async () => {
  const users = await answering((_request, response) => response.writeHead(302, { location: '/' }).end())
  const client = usersOn([users])

  const error = await failureOf(client.fetch('http://users/'))

  expect(error.cause).toMatchObject({ message: 'redirect count exceeded' })
  expect(users.got).toHaveLength(21)
  await isAtRest(client)
})

test('each of them has the time of a request; the signal of the caller ends them all', async () => {
  const users = await server((_request, response) => {
    setTimeout(() => response.writeHead(302, { location: '/' }).end(), 40)
  })
  const caller = AbortSignal.timeout(200)

  const error = await failureOf(
    usersOn([users], { timeoutMs: 5_000 }).fetch('http://users/', { signal: caller }),
  )

  expect(error.name).toBe('TimeoutError')
  expect(users.got.length).toBeLessThan(8)
})

describe('the body of a redirect', () => {
  const redirecting = (length: number, body: string): ReturnType<typeof rawServer> =>
    rawServer((socket, nth) => {
      if (nth % 2 === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nend')
      else
        socket.write(
          `HTTP/1.1 302 Found\r\nlocation: /end\r\ncontent-length: ${String(length)}\r\n\r\n${body}`,
        )
    })

  test.each([
    ['follow', 'stops to come', 'begun'],
    ['follow', 'goes on and on', 'x'.repeat(200_000)],
    ['error', 'stops to come', 'begun'],
  ] as const)(
    '(%s) that %s is left: its slot is free at once, its connection soon',
    async (redirect, _how, body) => {
      const users = await redirecting(1_000_000, body)
      const limits = { timeoutMs: false, bodyIdleTimeoutMs: false, attemptTimeoutMs: 5_000 } as const
      const client = usersOn([users.origin], { ...limits, retry: false, bulkhead: { limit: 1 } })

      const text = await client
        .fetch('http://users/', { redirect })
        .then((answer) => answer.text())
        .catch((error: Error) => error.name)

      expect(text).toBe(redirect === 'follow' ? 'end' : 'TypeError')
      expect(client.snapshot().services[0]?.command).toMatchObject({
        inFlight: 0,
        executions: { failure: 0 },
      })
      await isAtRest(client)
      await eventually(() => users.closed.includes(1))
    },
  )

  test('is read to its end when that is near, and its connection stays', async () => {
    const users = await redirecting(5_000, 'x'.repeat(5_000))
    const client = usersOn([users.origin])

    for (let call = 0; call < 3; call++)
      expect(await (await client.fetch('http://users/')).text()).toBe('end')

    await isAtRest(client)
    expect([users.requests.length, users.closed]).toEqual([6, []])
  })

  test('is whole where the caller is to read it', async () => {
    const users = await redirecting(5, 'moved')
    const client = usersOn([users.origin])

    const byFetch = await client.fetch('http://users/', { redirect: 'manual' })
    const end = await client.fetch('http://users/')
    const byRequest = await client.request('http://users/')

    expect([await byFetch.text(), await end.text(), await byRequest.body.text()]).toEqual([
      'moved',
      'end',
      'moved',
    ])
  })

  test('is whole where it says nothing of a place to go to', async () => {
    const users = await answering((_request, response) => response.writeHead(302).end('nowhere'))

    expect(await (await usersOn([users]).fetch('http://users/')).text()).toBe('nowhere')
  })
})

test.each([
  ['manual', 302],
  ['error', TypeError],
] as const)('redirect: %s leads nowhere', async (redirect, expected) => {
  const { url, heard } = await saying('location: /other')
  const client = usersOn([url], { retry: false })

  const outcome = await client
    .fetch('http://users/', { redirect })
    .then(({ status }) => status)
    .catch((error: Error) => error.constructor)

  expect(outcome).toBe(expected)
  expect(heard).toHaveLength(1)
  await isAtRest(client)
})

test('a redirect that makes a GET of it takes the body away', async () => {
  const users = await answering(
    (_request, response) => response.writeHead(303, { location: '/done' }).end(),
    'done',
  )

  await (await usersOn([users]).fetch('http://users/', { method: 'POST', body: 'text' })).text()

  expect(users.got.map(({ method, body }) => [method, body])).toEqual([
    ['POST', 'text'],
    ['GET', ''],
  ])
  expect(users.got[1]?.headers).not.toHaveProperty('content-length')
})

test('from https to http a redirect is followed, as fetch does, without credentials', async () => {
  const authority = new TestAuthority()
  onTestFinished(() => {
    authority.dispose()
  })
  const plain = await answering('plain')
  const location = `${plain.url}/secret`
  const secure = await listening('HTTP/1.1 with TLS', authority, (_request, response) => {
    response.writeHead(302, { location }).end()
  })
  const client = clientOf({ tls: { ca: authority.ca }, services: { users: { instances: [secure] } } })
  const headers = { authorization: 'hunter2', cookie: 'hunter2' }

  const answer = await client.fetch('https://users/', { headers })

  expect(await answer.text()).toBe('plain')
  expect(JSON.stringify(plain.got)).not.toContain('hunter2')
})
