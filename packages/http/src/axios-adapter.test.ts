import axios from 'axios'
import type { AxiosError } from 'axios'
import type { Readable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { answering, failureOf, isAtRest, reset, server, silence, usersOn } from './fleet.model.js'

test('an instance of axios asks instances of the service', async () => {
  const users = await server((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json', 'x-a': 'b' }).end('{"name":"ada"}'),
  )
  const http = axios.create({ adapter: usersOn([users]).axiosAdapter(), baseURL: 'http://users/v1' })

  const response = await http.post<{ name: string }>(
    '/people',
    { id: 7 },
    { params: { q: 'a b', tags: ['x', 'y'] } },
  )

  expect([response.status, response.data.name, response.headers['x-a']]).toEqual([200, 'ada', 'b'])
  expect(users.got[0]).toMatchObject({
    method: 'POST',
    body: '{"id":7}',
    headers: { 'content-type': 'application/json' },
  })
  expect(new URL(users.got[0]?.url ?? '', 'http://users').searchParams.getAll('tags[]')).toEqual(['x', 'y'])
})

test('a failing status is the error that axios makes of it', async () => {
  const http = axios.create({ adapter: usersOn([await answering(404)]).axiosAdapter() })

  const error = await http.get('http://users/').catch((thrown: unknown) => thrown as AxiosError)

  expect(axios.isAxiosError(error)).toBe(true)
  expect(error).toMatchObject({ code: 'ERR_BAD_REQUEST', response: { status: 404, data: 'status 404' } })
  expect((error as AxiosError).config?.url).toBe('http://users/')
})

test('a failing status of the server is another one, after all attempts', async () => {
  const users = await answering(500)
  const http = axios.create({ adapter: usersOn([users], { retry: { maxRetries: 1 } }).axiosAdapter() })

  const error = await failureOf(http.get('http://users/'))

  expect(error).toMatchObject({ code: 'ERR_BAD_RESPONSE', status: 500, response: { data: 'status 500' } })
  expect(users.got).toHaveLength(2)
})

test('a failure of the transport keeps its code, its cause and the configuration', async () => {
  const http = axios.create({ adapter: usersOn([await answering(reset)], { retry: false }).axiosAdapter() })

  const error = await http.get('http://users/').catch((thrown: unknown) => thrown as AxiosError)

  expect(error).toMatchObject({ isAxiosError: true, code: 'ECONNRESET', config: { url: 'http://users/' } })
  expect((error as AxiosError).cause).toBeInstanceOf(Error)
})

test('an abort is a cancellation', async () => {
  const http = axios.create({ adapter: usersOn([await answering(silence)]).axiosAdapter() })
  const caller = new AbortController()

  const pending = http.get('http://users/', { signal: caller.signal }).catch((thrown: unknown) => thrown)
  setImmediate(() => {
    caller.abort()
  })

  expect(axios.isCancel(await pending)).toBe(true)
})

test('a failure that is an error of another context, as in Jest, keeps its message', async () => {
  const adapter = usersOn([await answering(silence)]).axiosAdapter()
  const cause: unknown = runInNewContext('new Error("gone")')

  const failed = failureOf(adapter({ url: 'http://users/', signal: AbortSignal.abort(cause) }))

  expect(await failed).toMatchObject({ isAxiosError: true, message: 'gone', cause })
})

test.each([
  ['arraybuffer', (data: unknown): string => String(Buffer.from(data as ArrayBuffer))],
  ['text', (data: unknown): string => String(data)],
] as const)('an answer as %s', async (responseType, textOf) => {
  const http = axios.create({ adapter: usersOn([await answering('hello')]).axiosAdapter() })

  expect(textOf((await http.get('http://users/', { responseType })).data)).toBe('hello')
})

test('an answer that is larger than maxContentLength ends there, with the error of axios', async () => {
  let closed = 0
  const users = await server((request, response) => {
    request.socket.once('close', () => closed++)
    response.writeHead(200).write('x'.repeat(70_000))
  })
  const client = usersOn([users])
  const http = axios.create({ adapter: client.axiosAdapter(), maxContentLength: 65_536 })

  const error = await http.get('http://users/').catch((thrown: unknown) => thrown as AxiosError)

  expect(error).toMatchObject({
    isAxiosError: true,
    code: 'ERR_BAD_RESPONSE',
    message: 'maxContentLength size of 65536 exceeded',
  })
  await expect.poll(() => closed).toBe(1)
  expect(client.snapshot().services[0]?.command.inFlight).toBe(0)
})

test('an answer larger than maxContentLength ends as a stream, too, and nothing of it is left', async () => {
  const users = await answering((_request, response) => response.end('x'.repeat(70_000)))
  const client = usersOn([users])
  const http = axios.create({ adapter: client.axiosAdapter(), responseType: 'stream' })
  const url = 'http://users/'

  const whole = await http.get<Readable>(url, { maxContentLength: 70_000 })
  expect((await whole.data.toArray()).join('')).toHaveLength(70_000)
  const large = await http.get<Readable>(url, { maxContentLength: 65_536 })
  expect(await failureOf(large.data.toArray())).toMatchObject({
    isAxiosError: true,
    code: 'ERR_BAD_RESPONSE',
    message: 'maxContentLength size of 65536 exceeded',
  })
  const { data } = await http.get<Readable>(url, { maxContentLength: 70_000 })
  data.destroy()
  await isAtRest(client)
})

test.each([
  ['text', '\u{feff}h\u{e9}llo', 'h\u{e9}llo'],
  ['arraybuffer', 'hello', Buffer.from('hello')],
] as const)('an answer within maxContentLength is whole, as %s', async (responseType, body, data) => {
  const http = axios.create({ adapter: usersOn([await answering(body)]).axiosAdapter(), maxContentLength: 9 })

  expect((await http.get('http://users/', { responseType })).data).toEqual(data)
})

test.each([
  ['auth', 'http://users/', { auth: { username: 'me', password: 'p:w' } }, 'me:p:w'],
  ['the URL', 'http://m%40e:pw@users/', {}, 'm@e:pw'],
  [
    'auth rather than the URL or the header',
    'http://a:b@users/',
    { auth: { username: 'me', password: '' } },
    'me:',
  ],
] as const)('credentials are those of %s', async (_where, url, config, expected) => {
  const users = await answering('ok')
  const http = axios.create({ adapter: usersOn([users]).axiosAdapter() })

  await http.get(url, { ...config, headers: { Authorization: 'other' } })

  const sent = users.got[0]?.headers.authorization ?? ''
  expect(Buffer.from(sent.replace('Basic ', ''), 'base64').toString()).toBe(expected)
})

test('what came compressed stays so: nothing is inflated', async () => {
  const packed = gzipSync('x'.repeat(100_000))
  const users = await server((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
  )
  const http = axios.create({ adapter: usersOn([users]).axiosAdapter(), maxContentLength: packed.length })

  const { data } = await http.get<Buffer>('http://users/', { responseType: 'arraybuffer' })

  expect(packed.equals(data)).toBe(true)
})

describe('the signal and the timeout of a configuration', () => {
  test('hold together: whichever comes first ends the request', async () => {
    const http = axios.create({ adapter: usersOn([await answering(silence)]).axiosAdapter() })
    const caller = new AbortController()
    const patient = new AbortController()

    const left = http.get('http://users/', { signal: caller.signal, timeout: 60_000 })
    setImmediate(() => {
      caller.abort(new Error('of the caller'))
    })
    const cancelled = await failureOf(left)
    const late = await failureOf(http.get('http://users/', { signal: patient.signal, timeout: 40 }))

    expect([cancelled, late].map((error) => axios.isCancel(error))).toEqual([true, false])
    expect(late).toMatchObject({
      isAxiosError: true,
      code: 'ECONNABORTED',
      message: 'timeout of 40ms exceeded',
    })
  })

  test('hold beside a token to cancel by, which tells axios why', async () => {
    const patient = { timeoutMs: false, attemptTimeoutMs: false } as const
    const http = axios.create({ adapter: usersOn([await answering(silence)], patient).axiosAdapter() })
    const { token, cancel } = axios.CancelToken.source()

    const left = http.get('http://users/', { cancelToken: token, timeout: 60_000 })
    setImmediate(() => {
      cancel('enough')
    })
    const error = await failureOf(left)

    expect([axios.isCancel(error), error.message]).toEqual([true, 'enough'])
  })

  test('a token for many requests holds none of those that are over', async () => {
    const users = await answering('good', 'good', reset)
    const http = axios.create({ adapter: usersOn([users], { retry: false }).axiosAdapter() })
    const { token: cancelToken } = axios.CancelToken.source()
    const leaving = vi.spyOn(cancelToken as unknown as { unsubscribe(): void }, 'unsubscribe')

    await http.get('http://users/', { cancelToken })
    const { data } = await http.get<Readable>('http://users/', { cancelToken, responseType: 'stream' })
    expect(leaving).toHaveBeenCalledTimes(1)
    for await (const chunk of data) expect(String(chunk)).toBe('good')
    await failureOf(http.get('http://users/', { cancelToken }))

    await expect.poll(() => leaving.mock.calls.length).toBe(3)
    expect(Reflect.get(cancelToken, '_listeners')).toEqual([])
  })

  test('a signal that is late of its own accord is a cancellation all the same', async () => {
    const http = axios.create({ adapter: usersOn([await answering(silence)]).axiosAdapter() })

    const error = await failureOf(http.get('http://users/', { signal: AbortSignal.timeout(30) }))

    expect(axios.isCancel(error)).toBe(true)
  })
})

test('addresses are put together as axios does: base, path, and parameters of all kinds', async () => {
  const users = await answering('ok')
  const http = axios.create({
    adapter: usersOn([users]).axiosAdapter(),
    baseURL: 'http://elsewhere.invalid/base//',
  })
  const params = { at: new Date(0), list: [1, 'b'], none: null, no: undefined, of: 'a b' }

  await http.get('http://users/whole', { params })
  await http.get('/part', { baseURL: 'http://users/base//', params: new URLSearchParams({ a: '1' }) })

  expect(users.got.map(({ url }) => url)).toEqual([
    '/whole?at=1970-01-01T00:00:00.000Z&list%5B%5D=1&list%5B%5D=b&of=a+b',
    '/base/part?a=1',
  ])
})
