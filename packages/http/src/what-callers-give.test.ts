/** What the caller gives and cannot be sent: his body breaks off, or is not made. Nobody else is to pay for that. */
import axios from 'axios'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { Agent, request as request7 } from 'undici'
import * as undici8 from 'undici-8'
import { describe, expect, onTestFinished, test } from 'vitest'
import { answering, failureOf, isAtRest, usersOn } from './fleet.model.js'
import type { HttpClient } from './http-client.js'
import { httpServer } from './wire/hostile-server.model.js'

async function* breaking(): AsyncGenerator<Buffer> {
  yield await Promise.resolve(Buffer.from('begun'))
  throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' })
}
const broken = (): Readable => Readable.from(breaking())

function countsOf(client: HttpClient): unknown[] {
  const [users] = client.snapshot().services
  return [users?.command.executions.failure, users?.command.breaker?.failures, users?.balancer?.calls.failure]
}

describe('a stream of the caller that breaks says nothing of service and instance', () => {
  test.each<[string, (client: HttpClient) => Promise<unknown>]>([
    ['request', (client) => client.request('http://users/', { method: 'PUT', body: broken() })],
    ['axios', (client) => axios.create({ adapter: client.axiosAdapter() }).put('http://users/', broken())],
    [
      'the interceptor on undici 7',
      (client) => {
        const agent = new Agent()
        onTestFinished(() => agent.destroy())
        return request7('http://users/', {
          method: 'PUT',
          body: broken(),
          dispatcher: agent.compose(client.interceptor()),
        })
      },
    ],
    [
      'the interceptor on undici 8',
      (client) => {
        const agent = new undici8.Agent()
        onTestFinished(() => agent.destroy())
        return undici8.request('http://users/', {
          method: 'PUT',
          body: broken(),
          dispatcher: agent.compose(client.interceptor()),
        })
      },
    ],
  ])('%s', async (_way, ask) => {
    const client = usersOn([await answering('good')])
    for (let call = 0; call < 25; call++) expect((await failureOf(ask(client))).message).toBe('aborted')
    expect(countsOf(client)).toEqual([0, 0, 0])
    await isAtRest(client)
  })

  test('but a server that breaks off while the stream is sent does', async () => {
    const client = usersOn([await answering((request) => request.socket.resetAndDestroy())], { retry: false })
    const slow = Readable.from(
      (async function* () {
        yield Buffer.from('a')
        await new Promise(() => undefined)
      })(),
    )
    await failureOf(
      client.request('http://users/', { method: 'PUT', body: slow, headers: { 'content-length': '1' } }),
    )
    expect(countsOf(client)).toEqual([1, 1, 1])
  })
})

test('so does one that breaks when the answer has begun', async () => {
  let breakOff = (): void => undefined
  const begun = new Promise<void>((resolve) => (breakOff = resolve))
  const users = await httpServer((_request, response) => {
    response.writeHead(200)
    response.write('begun')
  })
  const client = usersOn([users.origin])
  const upload = Readable.from(
    (async function* () {
      yield Buffer.from('begun')
      await begun
      throw new Error('aborted')
    })(),
  )

  const { body } = await client.request('http://users/', { method: 'PUT', body: upload })
  breakOff()

  await failureOf(body.text())
  expect(countsOf(client)).toEqual([0, 0, 0])
  await isAtRest(client)
})

describe('so say other bodies that cannot be sent', () => {
  const closed = (): Readable => {
    const stream = Readable.from(['never read'])
    stream.destroy()
    return stream
  }
  const parts = (): unknown[] => [42]
  const PUT = { method: 'PUT' } as const
  test.each<[string, (client: HttpClient) => Promise<unknown>, RegExp]>([
    [
      'iterables that break',
      (client) => client.request('http://users/', { ...PUT, body: breaking() as never }),
      /^aborted$/,
    ],
    [
      'web streams that break',
      (client) => client.request('http://users/', { ...PUT, body: ReadableStream.from(breaking()) as never }),
      /^aborted$/,
    ],
    [
      'iterables made anew that break',
      (client) => client.with({ body: breaking }).request('http://users/', { ...PUT, body: 'x' }),
      /^aborted$/,
    ],
    [
      'streams made anew that break',
      (client) => client.with({ body: broken }).request('http://users/', { ...PUT, body: 'x' }),
      /^aborted$/,
    ],
    [
      'streams that were closed before their end',
      (client) => client.request('http://users/', { ...PUT, body: closed() }),
      /aborted$/,
    ],
    [
      'parts that are no bytes',
      (client) => client.request('http://users/', { ...PUT, body: parts() as never }),
      /argument must be/,
    ],
  ])('%s', async (_what, ask, message) => {
    const client = usersOn([await answering('good'), await answering('good')])
    for (let call = 0; call < 25; call++) expect((await failureOf(ask(client))).message).toMatch(message)
    expect(countsOf(client)).toEqual([0, 0, 0])
    await isAtRest(client)
  })

  test('but an iterable that is whole is sent as it is', async () => {
    const users = await answering('good')
    const { statusCode } = await usersOn([users]).request('http://users/', {
      ...PUT,
      body: ['a', Buffer.from('b')] as never,
    })
    expect([statusCode, users.got[0]?.body]).toEqual([200, 'ab'])
  })
})

test('a body that cannot be made for an attempt says nothing of the service', async () => {
  const client = usersOn([await answering('good')])
  const own = client.with({
    body: () => {
      throw new Error('no file')
    },
  })
  for (let call = 0; call < 25; call++)
    expect((await failureOf(own.request('http://users/', { method: 'PUT', body: 'x' }))).message).toBe(
      'no file',
    )
  expect(countsOf(client)).toEqual([0, 0, 0])
  await isAtRest(client)
})

test.each<[string, (client: HttpClient) => Promise<unknown>]>([
  [
    'a header with a line break',
    (client) => client.fetch('http://users/', { headers: { authorization: 'Bearer hunter2\nx' } }),
  ],
  ['a path without a host', (client) => client.fetch('/a?token=hunter2')],
  ['what is no URL', (client) => client.fetch('http://a b/?token=hunter2')],
])('S6: %s is refused by fetch without being shown', async (_what, ask) => {
  const error = await failureOf(ask(usersOn([await answering('good')])))
  expect(error).toBeInstanceOf(TypeError)
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2')
})

test('the form of the platform goes through request, and is sent again', async () => {
  const users = await answering(503, 'good')
  const form = new FormData()
  form.append('file', new File(['hello'], 'hello.txt'))
  const { statusCode } = await usersOn([users]).request('http://users/', {
    method: 'PUT',
    body: form as never,
  })
  expect(statusCode).toBe(200)
  expect(users.got[1]?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  expect(users.got[1]?.body).toContain('filename="hello.txt"')
})
