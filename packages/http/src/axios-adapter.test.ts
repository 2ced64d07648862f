import axios from 'axios'
import type { AxiosError } from 'axios'
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
