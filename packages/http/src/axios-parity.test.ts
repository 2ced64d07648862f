/** What the adapter sends and what it makes of answers, beside what axios itself does: the same. */
import axios from 'axios'
import type { AxiosInstance, AxiosRequestConfig } from 'axios'
import { describe, expect, test } from 'vitest'
import { answering, failureOf, isAtRest, usersOn } from './fleet.model.js'
import type { Answer, FakeServer } from './fleet.model.js'

/** Axios as it is, and with the adapter. */
function both(users: FakeServer): readonly AxiosInstance[] {
  const adapter = usersOn([users]).axiosAdapter()
  return [axios.create({ baseURL: users.url }), axios.create({ baseURL: 'http://users', adapter })]
}

/** A form, whatever its boundary. */
function readable(body: string): string[] {
  return body.split('\r\n').filter((line) => line !== '' && !line.startsWith('--'))
}

function platformForm(): FormData {
  const form = new FormData()
  form.append('name', 'ada')
  form.append('file', new File(['hello'], 'hello.txt', { type: 'text/plain' }))
  return form
}

describe('a body', () => {
  const typed = { headers: { 'Content-Type': 'multipart/form-data' } }

  test.each<[string, () => AxiosRequestConfig]>([
    ['of the form of the platform', () => ({ data: platformForm() })],
    ['of a form whose type was said without its boundary', () => ({ data: platformForm(), ...typed })],
    ['of an object that axios makes a form of', () => ({ data: { name: 'ada', of: [1, 2] }, ...typed })],
    ['of a blob', () => ({ data: new Blob(['hello'], { type: 'text/plain' }) })],
    ['of a blob that says nothing', () => ({ data: new Blob(['hello']) })],
    ['of bytes', () => ({ data: Buffer.from('hello') })],
    ['of JSON', () => ({ data: { a: [1] } })],
    ['of parameters', () => ({ data: new URLSearchParams('a=b') })],
  ])('%s', async (_what, config) => {
    const users = await answering('ok')

    for (const http of both(users)) await http.post('/', config().data, config())

    const [expected, got] = users.got.map(({ headers, body }) => [
      headers['content-type']?.replace(/boundary=.*/, 'boundary'),
      readable(body),
    ])
    expect(got).toEqual(expected)
    const { body, headers } = users.got[1]!
    const boundary = /boundary=(.*)/.exec(headers['content-type'] ?? '')?.[1]
    if (boundary !== undefined) expect(body).toMatch(`--${boundary}--\r\n`)
  })

  test('of a form is sent again, where it may be', async () => {
    const users = await answering(503, 'ok')
    const http = axios.create({ adapter: usersOn([users]).axiosAdapter() })

    await http.put('http://users/', platformForm())

    expect(users.got.map(({ body }) => readable(body).at(-1))).toEqual(['hello', 'hello'])
  })

  test('of a form that axios makes, which is a stream, is sent once', async () => {
    const users = await answering(503)
    const http = axios.create({ adapter: usersOn([users]).axiosAdapter() })

    expect(await failureOf(http.put('http://users/', { name: 'ada' }, typed))).toMatchObject({ status: 503 })

    expect(users.got.map(({ body }) => readable(body).at(-1))).toEqual(['ada'])
  })
})

describe('an answer that leads elsewhere', () => {
  const moved =
    (status: number, location = '/there'): Answer =>
    (_request, response) =>
      response.writeHead(status, { location }).end('moved')

  test.each([
    [302, 'get'],
    [302, 'post'],
    [303, 'put'],
    [307, 'post'],
    [308, 'delete'],
  ] as const)('with %d is followed: %s', async (status, method) => {
    const expected: unknown[] = []
    for (const nth of [0, 1]) {
      const users = await answering(moved(status), 'there')
      const { data } = await both(users)[nth]!.request<string>({ url: '/', method, data: 'text' })
      expected.push([data, users.got.map((got) => [got.method, got.url, got.body])])
    }

    expect(expected[1]).toEqual(expected[0])
  })

  test('is an answer where none may be followed, or no more', async () => {
    const users = await answering((request, response, nth) =>
      moved(302, `/${String(nth)}`)(request, response, nth),
    )

    for (const maxRedirects of [0, 2]) {
      const error = await failureOf(both(users)[1]!.get('/', { maxRedirects }))
      expect(error).toMatchObject({ status: 302, code: 'ERR_BAD_RESPONSE', isAxiosError: true })
    }

    expect(users.got).toHaveLength(1 + 3)
  })

  test('to another host gets no credentials', async () => {
    const other = await answering('other')
    const users = await answering(moved(302, `${other.url}/`))
    const headers = { Cookie: 'hunter2', 'Proxy-Authorization': 'hunter2', 'X-Mine': '1' }

    await both(users)[1]!.get('/', { headers, auth: { username: 'me', password: 'hunter2' } })

    expect(users.got[0]?.headers).toMatchObject({ cookie: 'hunter2' })
    expect(other.got[0]?.headers).toMatchObject({ 'x-mine': '1' })
    expect(other.got[0]?.headers).not.toHaveProperty('authorization')
    expect(JSON.stringify(other.got)).not.toContain('hunter2')
  })

  test.each(['http://169.254.169.254/latest/meta-data/', 'http://[::ffff:a9fe:a9fe]/', 'file:///etc/passwd'])(
    'to %s leads nowhere',
    async (location) => {
      const users = await answering(moved(302, location))
      const client = usersOn([users], { retry: false })

      const error = await failureOf(axios.create({ adapter: client.axiosAdapter() }).get('http://users/'))

      expect(error.message).toMatch(
        /not an address that may be connected to|not a protocol of HTTP|Invalid URL/,
      )
      await isAtRest(client)
    },
  )
})

test('what the server says of itself is told: status, its text, and headers', async () => {
  const users = await answering((_request, response) =>
    response.writeHead(404, 'Nobody', { 'x-mine': '1' }).end(),
  )

  for (const http of both(users))
    expect(await failureOf(http.get('/'))).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      response: { status: 404, statusText: 'Nobody', headers: { 'x-mine': '1' } },
    })
})

test('a header that came more than once is one text, but for cookies', async () => {
  const users = await answering((_request, response) =>
    response.writeHead(200, { 'x-mine': ['a,b', 'c'], 'set-cookie': ['d=1', 'e=2'] }).end(),
  )

  for (const http of both(users))
    expect((await http.get('/')).headers).toMatchObject({ 'x-mine': 'a,b, c', 'set-cookie': ['d=1', 'e=2'] })
})
