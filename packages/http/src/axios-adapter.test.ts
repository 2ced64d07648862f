import axios from 'axios'
import type { AxiosError } from 'axios'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { answering, reset, server, silence, usersOn } from './fleet.model.js'

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
